#include "actors/store.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/error.hpp"
#include "actors/identity.hpp"
#include "actors/status.hpp"

namespace hearth {

namespace {

/// More writes than this are committed at once: a transaction is not to grow
/// with a mailbox that fills faster than it is emptied.
constexpr std::size_t max_batch = 1024;

using self_ptr = store_actor::stateful_pointer<store_state>;

caf::error to_error(const store_error& e) {
  spdlog::error("store: {}", e.what());
  return make_error(e.full() ? ec::storage_full : ec::store_failed,
                    std::string{"the store failed: "} + e.what());
}

/// Commits the batch and answers each of its writes.
void commit(self_ptr self) {
  auto& st = self->state;
  auto writes = std::move(st.writes);
  auto promises = std::move(st.promises);
  auto how = st.policy == conf::flush_policy::always
                 || (st.flushed && st.policy == conf::flush_policy::promised)
               ? durability::flushed
               : durability::lazy;
  st.writes.clear();
  st.promises.clear();
  st.flushed = false;
  if (writes.empty())
    return;
  try {
    st.database->transaction(how, [&] {
      for (auto& write : writes)
        write(*st.database);
    });
    for (auto& promise : promises)
      promise.deliver(atom::ok_v);
  } catch (const store_error& e) {
    auto error = to_error(e);
    for (auto& promise : promises)
      promise.deliver(error);
  }
}

/// Adds a write to the batch.
template <class Write>
caf::result<atom::ok> later(self_ptr self, durability how, Write write) {
  auto& st = self->state;
  auto promise = self->make_response_promise<atom::ok>();
  if (st.writes.empty())
    self->send(self, atom::flush_v);
  st.writes.emplace_back(std::move(write));
  st.promises.emplace_back(promise);
  st.flushed |= how == durability::flushed;
  if (st.writes.size() >= max_batch)
    commit(self);
  return promise;
}

/// Reads see what was written before them, so the batch goes first.
template <class T, class Read>
caf::result<T> read(self_ptr self, Read fun) {
  commit(self);
  try {
    return fun(*self->state.database);
  } catch (const store_error& e) {
    return to_error(e);
  }
}

/// The value, or the error that nothing of that name is stored.
template <class T>
caf::result<T> found(std::optional<T> x, ec code, std::string what) {
  if (x)
    return std::move(*x);
  return make_error(code, std::move(what));
}

} // namespace

store_actor::behavior_type
store_keeper(store_actor::stateful_pointer<store_state> self,
             std::shared_ptr<std::unique_ptr<store>> database,
             conf::flush_policy policy) {
  self->state.database = std::move(*database);
  self->state.policy = policy;
  self->state.since = now_ms();
  return {
    [=](atom::put, context_record& x) {
      return later(self, durability::flushed,
                   [x = std::move(x)](store& db) { db.put(x); });
    },
    [=](atom::insert, job_record& x, durability how) {
      return later(self, how, [x = std::move(x)](store& db) { db.insert(x); });
    },
    [=](atom::update, job_update& x, durability how) {
      return later(self, how, [x = std::move(x)](store& db) { db.update(x); });
    },
    [=](atom::put, binary_record& x) {
      return later(self, durability::flushed,
                   [x = std::move(x)](store& db) { db.put(x); });
    },
    [=](atom::erase, std::string& name) {
      return later(
        self, durability::flushed,
        [name = std::move(name)](store& db) { db.erase_binary(name); });
    },
    [=](atom::get, atom::create, const std::string& name) {
      return read<context_record>(self, [&](store& db) {
        return found(db.context_by_name(name), ec::context_unknown,
                     "can't find context with name " + name);
      });
    },
    [=](atom::get, atom::run, const std::string& id) {
      return read<job_record>(self, [&](store& db) {
        return found(db.job(id), ec::job_not_found, "No such job ID " + id);
      });
    },
    [=](atom::config, const std::string& id) {
      return read<std::string>(self, [&](store& db) {
        return found(db.job_config(id), ec::job_not_found,
                     "No such job ID " + id);
      });
    },
    [=](atom::list, const job_filter& filter) {
      return read<std::vector<job_record>>(
        self, [&](store& db) -> caf::result<std::vector<job_record>> {
          return db.jobs(filter);
        });
    },
    [=](atom::flush) { commit(self); },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{
        own_status(self, "store", "", "open", 0, self->state.since)};
    },
  };
}

} // namespace hearth
