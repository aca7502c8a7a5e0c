// How the store's actor forgets jobs and contexts that ended long ago.
#include <algorithm>

#include "actors/storage/store_actor.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

/// A write is to wait for the forgetting of others no longer than about that.
constexpr std::chrono::milliseconds forget_time{10};
constexpr std::int32_t forget_least = 4;
constexpr std::int32_t forget_most = 512;

} // namespace

bool forget_some(store_state& st) {
  auto limit = st.forget_at_once;
  auto& retain = st.spec.retain;
  expiry due{now_ms() - retain.time.count(), retain.count};
  std::vector<std::string> jobs;
  std::vector<std::string> contexts;
  // What goes is not to be written again: that would bring it back.
  auto how = st.backlog.remembers() ? needed(st, true) : durability::lazy;
  auto begin = std::chrono::steady_clock::now();
  st.database->use([&](store& db) {
    db.transaction(how, [&] {
      jobs = db.erase_jobs(due, limit);
      contexts = db.erase_contexts(due, limit);
      db.erase_keys(now_ms() - retain.keys.count());
    });
  });
  st.backlog.committed(how, {});
  auto took = std::chrono::steady_clock::now() - begin;
  if (took > forget_time)
    st.forget_at_once = std::max(limit / 2, forget_least);
  else if (took < forget_time / 4)
    st.forget_at_once = std::min(limit * 2, forget_most);
  if (!jobs.empty() && st.spec.on_forgotten)
    st.spec.on_forgotten(jobs);
  if (!contexts.empty() && st.spec.on_forgotten_contexts)
    st.spec.on_forgotten_contexts(contexts);
  auto most = static_cast<std::size_t>(limit);
  return contexts.size() == most || jobs.size() == most;
}

} // namespace hearth
