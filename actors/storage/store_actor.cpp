#include "actors/storage/store_actor.hpp"

#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

/// Jobs and contexts are forgotten this often, and after that many inserts.
constexpr std::chrono::minutes forget_pause{1};
constexpr std::int32_t forget_after = 512;

std::size_t size_of(const problem& x) {
  return x.message.size() + x.error_class.size() + x.stack.size()
         + x.subject.size();
}

std::size_t size_of(const job_record& x) {
  return x.main_class.size() + x.binaries.size() + x.config.size()
         + x.result.size() + size_of(x.reason);
}

store_write put_write(context_record x) {
  auto size = x.settings.size() + size_of(x.reason);
  return {[x = std::move(x)](store& db) { db.put(x); }, nullptr, false, size};
}

/// Undoes the insert of a job. To its client, a job that could not be stored
/// does not exist. A job that has ended is not withdrawn: its actor stores it
/// until that succeeds, and an earlier insert may have been promised.
store_function withdraw(const job_record& x) {
  if (is_final(x.state))
    return nullptr;
  return [job = x.id](store& db) { db.withdraw(job); };
}

store_write insert_write(job_record x) {
  auto undo = withdraw(x);
  auto size = size_of(x);
  return {[x = std::move(x)](store& db) { db.insert(x); }, std::move(undo),
          false, size};
}

store_write insert_write(job_record x, queue_entry entry) {
  auto undo = withdraw(x);
  auto size = size_of(x) + entry.request.size();
  return {[x = std::move(x), entry = std::move(entry)](store& db) {
            db.insert(x);
            db.enqueue(entry);
          },
          std::move(undo), false, size};
}

store_write update_write(job_update x) {
  auto size = x.result.size() + size_of(x.reason);
  return {[x = std::move(x)](store& db) { db.update(x); }, nullptr, false,
          size};
}

/// The value, or the error that nothing of that name is stored.
template <class T>
caf::expected<T> found(std::optional<T> x, ec code, std::string what) {
  if (x)
    return std::move(*x);
  return make_error(code, std::move(what));
}

std::string no_job(const std::string& id) {
  return "No such job ID " + id;
}

std::string no_context(const std::string& name) {
  return "can't find context with name " + name;
}

} // namespace

void store_actor_state::start(std::shared_ptr<store> opened, store_spec x) {
  database = std::move(opened);
  spec = std::move(x);
  since = now_ms();
  replay = replay_buffer{database->can_lose_lazy()};
  database->set_lock_wait(std::chrono::milliseconds{0});
  self->set_exit_handler([this](caf::exit_msg& x) {
    if (!x.reason)
      return;
    commit_last();
    self->quit(std::move(x.reason));
  });
  open_reader();
  self->send(self, atom::expire_v, atom::forget_v);
}

void store_actor_state::open_reader() {
  std::shared_ptr<store_reader> lists = database->open_reader();
  if (!lists)
    return;
  reader = self->spawn<caf::detached + caf::monitored>(list_reader, lists,
                                                       self->id());
  self->set_down_handler([this](caf::down_msg& x) {
    if (!reader || x.source != reader.address())
      return;
    spdlog::error("store: the reader of lists ended ({}): lists are read by "
                  "the store itself",
                  self->system().render(x.reason));
    reader = nullptr;
  });
}

caf::result<std::vector<job_record>>
store_actor_state::list(const job_filter& filter) {
  auto promise = self->make_response_promise<std::vector<job_record>>();
  after_commit([this, promise, filter] { read_list(filter, promise); });
  return promise;
}

void store_actor_state::read_list(
  const job_filter& filter,
  caf::typed_response_promise<std::vector<job_record>> promise) {
  if (reader && lost.empty()) {
    promise.delegate(reader, atom::list_v, filter);
    return;
  }
  auto read = [&](store& db) -> caf::expected<std::vector<job_record>> {
    return db.jobs(filter);
  };
  auto found = read_now<std::vector<job_record>>(read);
  if (found)
    promise.deliver(std::move(*found));
  else
    promise.deliver(std::move(found.error()));
}

caf::result<std::vector<actor_status>> store_actor_state::status() {
  auto state = !lost.empty() ? status_lost : locked_since ? "locked" : "open";
  auto own = own_status(self, "store", "", state, 0, since);
  std::vector<status_child> children;
  if (reader)
    children.push_back({reader, "list reader"});
  return gather_status(self, std::move(own), children);
}

void store_actor_state::count_insert() {
  if (++inserted == forget_after)
    self->send(self, atom::forget_v);
}

store_actor::behavior_type
store_behavior(store_actor::stateful_pointer<store_actor_state> self,
               std::shared_ptr<store> database, store_spec spec) {
  self->state.start(std::move(database), std::move(spec));
  return {
    [=](atom::put, context_record& x) {
      return self->state.add(durability::flushed, put_write(std::move(x)));
    },
    [=](atom::insert, job_record& x, durability how) {
      self->state.count_insert();
      return self->state.add(how, insert_write(std::move(x)));
    },
    [=](atom::insert, job_record& x, queue_entry& entry) {
      self->state.count_insert();
      return self->state.add(durability::flushed,
                             insert_write(std::move(x), std::move(entry)));
    },
    [=](atom::dequeue, std::string& job) {
      self->state.add_unawaited(
        [job = std::move(job)](store& db) { db.dequeue(job); });
    },
    [=](atom::update, job_update& x, durability how) {
      return self->state.add(how, update_write(std::move(x)));
    },
    [=](atom::put, job_note& x) {
      self->state.add_unawaited([x = std::move(x)](store& db) { db.put(x); });
    },
    [=](atom::put, context_note& x) {
      self->state.add_unawaited([x = std::move(x)](store& db) { db.put(x); });
    },
    [=](atom::put, key_claim& x) {
      return self->state.add_claim(std::move(x));
    },
    [=](atom::forget_key, std::string& key) {
      self->state.add_unawaited(
        [key = std::move(key)](store& db) { db.erase_key(key); });
    },
    [=](atom::put, binary_record& x) {
      return self->state.add(durability::flushed,
                             {[x = std::move(x)](store& db) { db.put(x); }});
    },
    [=](atom::erase, std::string& name) {
      return self->state.add(
        durability::flushed,
        {[name = std::move(name)](store& db) { db.erase_binary(name); }});
    },
    [=](atom::list) {
      return self->state.read<std::vector<binary_record>>(
        [](store& db) -> caf::expected<std::vector<binary_record>> {
          return db.binaries();
        });
    },
    [=](atom::get, atom::by_name, const std::string& name) {
      return self->state.read<context_record>([=](store& db) {
        return found(db.context_by_name(name), ec::context_unknown,
                     no_context(name));
      });
    },
    [=](atom::get, atom::by_id, const std::string& id) {
      return self->state.read<job_record>([=](store& db) {
        return found(db.job(id), ec::job_not_found, no_job(id));
      });
    },
    [=](atom::config, const std::string& id) {
      return self->state.read<std::string>([=](store& db) {
        return found(db.job_config(id), ec::job_not_found, no_job(id));
      });
    },
    [=](atom::history, atom::by_id, const std::string& id) {
      return self->state.read<state_history>([=](store& db) {
        return found(db.job_history(id), ec::job_not_found, no_job(id));
      });
    },
    [=](atom::history, atom::by_name, const std::string& name) {
      return self->state.read<state_history>([=](store& db) {
        return found(db.context_history(name), ec::context_unknown,
                     no_context(name));
      });
    },
    [=](atom::list, const job_filter& filter) {
      return self->state.list(filter);
    },
    [=](atom::commit) { self->state.commit_now(); },
    [=](atom::reconnect) { self->state.reconnect(); },
    [=](atom::forget) { self->state.forget(); },
    [=](atom::expire, atom::forget) {
      self->state.forget();
      self->delayed_send(self, forget_pause, atom::expire_v, atom::forget_v);
    },
    [=](atom::status) { return self->state.status(); },
  };
}

} // namespace hearth
