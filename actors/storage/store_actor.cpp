#include "actors/storage/store_actor.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"

namespace hearth {

durability needed(const store_state& st, bool promised) {
  switch (st.spec.flush) {
    case conf::flush_policy::always:
      return durability::flushed;
    case conf::flush_policy::never:
      return durability::lazy;
    case conf::flush_policy::promised:
      break;
  }
  return promised || st.backlog.full() ? durability::flushed : durability::lazy;
}

namespace {

/// More writes than this are committed at once: a transaction is not to grow
/// with a mailbox that fills faster than it is emptied.
constexpr std::size_t max_batch = 1024;

/// Jobs and contexts are forgotten this often, and after that many inserts.
constexpr std::chrono::minutes forget_pause{1};
constexpr std::int32_t forget_after = 512;

using self_ptr = store_actor::stateful_pointer<store_state>;

/// Between attempts to reach a database that went away.
constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{5000};

caf::error away(const store_state& st) {
  return make_error(ec::store_failed,
                    "the database cannot be reached: " + st.lost);
}

/// Tries to reach the database again after a while, and fails all requests
/// until then.
void reconnect_later(self_ptr self, const store_error& e) {
  auto& st = self->state;
  auto first = st.lost.empty();
  st.lost = e.what();
  st.pause = first ? first_pause : std::min(2 * st.pause, longest_pause);
  if (first)
    spdlog::error("store: lost: {}", e.what());
  self->delayed_send(self, st.pause, atom::reconnect_v);
}

/// The database is back only when it has again what it had.
void reconnect(self_ptr self) {
  auto& st = self->state;
  try {
    st.database->use([&](store& db) {
      db.reconnect();
      st.backlog.write_all(db, needed(st, true));
    });
    st.lost.clear();
    spdlog::info("store: back");
  } catch (const store_error& e) {
    reconnect_later(self, e);
  }
}

caf::error to_error(self_ptr self, const store_error& e) {
  if (e.lost()) {
    reconnect_later(self, e);
    return away(self->state);
  }
  spdlog::error("store: {}", e.what());
  return make_error(e.full() ? ec::storage_full : ec::store_failed,
                    std::string{"the store failed: "} + e.what());
}

/// Commits the batch and answers each of its writes.
void commit(self_ptr self) {
  auto& st = self->state;
  if (st.writes.empty())
    return;
  auto writes = std::exchange(st.writes, {});
  auto promises = std::exchange(st.promises, {});
  auto how = needed(st, std::exchange(st.flushed, false));
  try {
    st.database->use([&](store& db) {
      st.backlog.write_kept(db);
      db.transaction(how, [&] {
        for (auto& x : writes)
          x.write(db);
      });
    });
    st.backlog.committed(how, std::move(writes));
    for (auto& promise : promises)
      promise.deliver(atom::ok_v);
  } catch (const store_error& e) {
    st.backlog.keep(std::move(writes), e.lost());
    auto error = to_error(self, e);
    for (auto& promise : promises)
      promise.deliver(error);
  }
}

/// In small steps, so that writes get in between.
void forget(self_ptr self) {
  self->state.inserted = 0;
  if (!self->state.lost.empty())
    return;
  try {
    if (forget_some(self->state))
      self->send(self, atom::forget_v);
  } catch (const store_error& e) {
    if (e.lost())
      reconnect_later(self, e);
    else
      spdlog::warn("store: old jobs stay for now: {}", e.what());
  }
}

/// Counts what came, so that forgetting keeps up.
void count_insert(self_ptr self) {
  if (++self->state.inserted == forget_after)
    self->send(self, atom::forget_v);
}

/// Adds a write to the batch.
caf::result<atom::ok> later(self_ptr self, durability how, store_write write) {
  auto& st = self->state;
  if (!st.lost.empty())
    return away(st);
  auto promise = self->make_response_promise<atom::ok>();
  if (st.writes.empty())
    self->send(self, atom::commit_v);
  st.writes.push_back(std::move(write));
  st.promises.emplace_back(promise);
  st.flushed |= how == durability::flushed;
  if (st.writes.size() >= max_batch)
    commit(self);
  return promise;
}

/// The same of a write that nobody waits for: if the database is away, it is
/// made when it is back.
void soon(self_ptr self, store_function write) {
  auto& st = self->state;
  if (!st.lost.empty())
    return st.backlog.keep(std::move(write));
  if (st.writes.empty())
    self->send(self, atom::commit_v);
  st.writes.push_back({std::move(write), nullptr, true});
  if (st.writes.size() >= max_batch)
    commit(self);
}

/// A job that failed to be stored, for all that its client knows, is not there.
/// But not one that has ended: its actor stores it until it is, and an insert
/// that came before may have been promised.
store_function withdraw(const job_record& x) {
  if (is_final(x.state))
    return nullptr;
  return [job = x.id](store& db) { db.withdraw(job); };
}

/// Takes a key, in a transaction of its own: its answer is what is stored.
caf::result<key_claim> take_key(self_ptr self, key_claim x) {
  commit(self);
  auto& st = self->state;
  if (!st.lost.empty())
    return away(st);
  try {
    key_claim found;
    auto how = needed(st, true);
    st.database->use([&](store& db) {
      st.backlog.write_kept(db);
      db.transaction(how, [&] { found = db.claim(x); });
    });
    st.backlog.committed(how,
                         {{[x = std::move(x)](store& db) { db.claim(x); }}});
    return found;
  } catch (const store_error& e) {
    return to_error(self, e);
  }
}

/// Reads see what was written before them, so the batch goes first.
template <class T, class Read>
caf::result<T> read(self_ptr self, Read fun) {
  commit(self);
  if (!self->state.lost.empty())
    return away(self->state);
  try {
    return self->state.database->use(fun);
  } catch (const store_error& e) {
    return to_error(self, e);
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
             std::shared_ptr<shared_store> database, store_spec spec) {
  database->remind(
    forget_after, [weak = caf::actor_cast<caf::weak_actor_ptr>(self)] {
      if (auto keeper = weak.lock())
        caf::anon_send(caf::actor_cast<store_actor>(keeper), atom::forget_v);
    });
  auto can_lose_lazy
    = database->use([](store& db) { return db.can_lose_lazy(); });
  self->state.backlog = store_backlog{can_lose_lazy};
  self->state.database = std::move(database);
  self->state.spec = std::move(spec);
  self->state.since = now_ms();
  self->send(self, atom::expire_v, atom::forget_v);
  return {
    [=](atom::put, context_record& x) {
      return later(self, durability::flushed,
                   {[x = std::move(x)](store& db) { db.put(x); }});
    },
    [=](atom::insert, job_record& x, durability how) {
      count_insert(self);
      auto undo = withdraw(x);
      auto size = x.config.size() + x.result.size();
      return later(self, how,
                   {[x = std::move(x)](store& db) { db.insert(x); },
                    std::move(undo), false, size});
    },
    [=](atom::update, job_update& x, durability how) {
      auto size = x.result.size();
      return later(self, how,
                   {[x = std::move(x)](store& db) { db.update(x); }, nullptr,
                    false, size});
    },
    [=](atom::insert, job_record& x, queue_entry& entry) {
      count_insert(self);
      auto undo = withdraw(x);
      auto size = x.config.size() + entry.request.size();
      return later(self, durability::flushed,
                   {[x = std::move(x), entry = std::move(entry)](store& db) {
                      db.insert(x);
                      db.enqueue(entry);
                    },
                    std::move(undo), false, size});
    },
    [=](atom::dequeue, std::string& job) {
      soon(self, [job = std::move(job)](store& db) { db.dequeue(job); });
    },
    [=](atom::put, job_note& x) {
      soon(self, [x = std::move(x)](store& db) { db.put(x); });
    },
    [=](atom::put, context_note& x) {
      soon(self, [x = std::move(x)](store& db) { db.put(x); });
    },
    [=](atom::put, key_claim& x) { return take_key(self, std::move(x)); },
    [=](atom::forget_key, std::string& key) {
      soon(self, [key = std::move(key)](store& db) { db.erase_key(key); });
    },
    [=](atom::history, atom::by_id, const std::string& id) {
      return read<state_history>(self, [&](store& db) {
        return found(db.job_history(id), ec::job_not_found,
                     "No such job ID " + id);
      });
    },
    [=](atom::history, atom::by_name, const std::string& name) {
      return read<state_history>(self, [&](store& db) {
        return found(db.context_history(name), ec::context_unknown,
                     "can't find context with name " + name);
      });
    },
    [=](atom::put, binary_record& x) {
      return later(self, durability::flushed,
                   {[x = std::move(x)](store& db) { db.put(x); }});
    },
    [=](atom::erase, std::string& name) {
      return later(
        self, durability::flushed,
        {[name = std::move(name)](store& db) { db.erase_binary(name); }});
    },
    [=](atom::get, atom::by_name, const std::string& name) {
      return read<context_record>(self, [&](store& db) {
        return found(db.context_by_name(name), ec::context_unknown,
                     "can't find context with name " + name);
      });
    },
    [=](atom::get, atom::by_id, const std::string& id) {
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
    [=](atom::commit) { commit(self); },
    [=](atom::reconnect) { reconnect(self); },
    [=](atom::forget) { forget(self); },
    [=](atom::expire, atom::forget) {
      forget(self);
      self->delayed_send(self, forget_pause, atom::expire_v, atom::forget_v);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{own_status(self, "store", "",
                                    self->state.lost.empty() ? "open" : "lost",
                                    0, self->state.since)};
    },
  };
}

} // namespace hearth
