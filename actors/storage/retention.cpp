// How the store's actor forgets jobs and contexts that ended long ago.
#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/storage/store_actor.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

/// A write should wait no longer than about this for the forgetting of others.
constexpr std::chrono::milliseconds forget_time{10};
constexpr std::int32_t forget_least = 4;
constexpr std::int32_t forget_most = 512;

} // namespace

/// @returns whether more are due
/// @throws store_error
bool store_actor_state::forget_some() {
  auto limit = forget_at_once;
  auto& retain = spec.retain;
  expiry due{now_ms() - retain.time.count(), retain.count};
  std::vector<std::string> jobs;
  std::vector<std::string> contexts;
  // Forgotten records must not come back when writes are repeated after a
  // crash.
  auto how = replay.remembers() ? needed(true) : durability::lazy;
  auto begin = std::chrono::steady_clock::now();
  database->transaction(how, [&] {
    jobs = database->erase_jobs(due, limit);
    contexts = database->erase_contexts(due, limit);
    database->erase_keys(now_ms() - retain.keys.count());
  });
  replay.committed(how, {});
  auto took = std::chrono::steady_clock::now() - begin;
  if (took > forget_time)
    forget_at_once = std::max(limit / 2, forget_least);
  else if (took < forget_time / 4)
    forget_at_once = std::min(limit * 2, forget_most);
  if (!jobs.empty() && spec.on_forgotten)
    spec.on_forgotten(jobs);
  if (!contexts.empty() && spec.on_forgotten_contexts)
    spec.on_forgotten_contexts(contexts);
  auto most = static_cast<std::size_t>(limit);
  return contexts.size() == most || jobs.size() == most;
}

void store_actor_state::forget() {
  inserted = 0;
  if (!lost.empty() || locked_since)
    return;
  try {
    if (forget_some())
      self->send(self, atom::forget_v);
  } catch (const store_error& e) {
    if (e.lost())
      reconnect_later(e);
    else
      spdlog::warn("store: old jobs stay for now: {}", e.what());
  }
}

} // namespace hearth
