#include "actors/services/results.hpp"

#include <system_error>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

/// How many bytes a job may be ahead of the client that reads its result, in
/// addition to the agent's window.
constexpr std::uint64_t ahead = 1024 * 1024;

/// How many bytes a reader gets at once.
constexpr std::size_t block_size = 256 * 1024;

/// After this time without a first question, the client is taken for gone. It
/// asks at once, unless it left at the very moment that it was answered.
constexpr std::chrono::seconds first_question{60};

caf::error to_error(const std::system_error& e) {
  auto full
    = e.code() == std::errc::no_space_on_device || e.code().value() == EDQUOT;
  return make_error(full ? ec::storage_full : ec::store_failed,
                    std::string{"the result cannot be stored: "} + e.what());
}

caf::error not_there(const std::string& id) {
  return make_error(ec::job_not_found,
                    "the result of job " + id + " is not there any more");
}

/// Answers all requests that wait for that result: it does not exist any more.
void refuse_all(const std::string& id, live_result& x) {
  for (auto& put : x.held)
    put.promise.deliver(not_there(id));
  if (x.waiting)
    x.waiting->deliver(not_there(id));
}

} // namespace

// Else a job whose client is slow would wait for its next credit for an hour.
results_state::~results_state() {
  for (auto& [id, x] : live)
    refuse_all(id, x);
}

void results_state::create(const std::string& id, bool followed) {
  auto& x = live[id];
  x.job = caf::actor_cast<caf::weak_actor_ptr>(self->current_sender());
  x.followed = followed;
  if (followed)
    self->delayed_send(self, first_question, atom::expire_v, id);
}

caf::result<atom::ok> results_state::put(const std::string& id,
                                         const std::string& bytes) {
  auto i = live.find(id);
  if (i == live.end())
    return not_there(id);
  auto& x = i->second;
  try {
    if (!x.file)
      x.file
        = std::make_unique<result_file>(settings.folder, id, settings.min_free);
    x.file->append(bytes);
  } catch (const std::system_error& e) {
    return to_error(e);
  }
  auto promise = self->make_response_promise<atom::ok>();
  x.held.push_back({x.file->size(), promise});
  feed(x);
  return promise;
}

/// Answers the waiting reader with the bytes that there are, and lets the job
/// go on if the reader is near enough.
void results_state::feed(live_result& x) {
  if (x.waiting && x.file && x.file->size() > x.read) {
    auto reader = std::move(*x.waiting);
    x.waiting.reset();
    try {
      reader.deliver(result_block{x.file->read(x.read, block_size), false});
    } catch (const std::system_error& e) {
      reader.deliver(to_error(e));
    }
  }
  while (!x.held.empty()
         && (!x.followed || x.held.front().end <= x.read + ahead)) {
    x.held.front().promise.deliver(atom::ok_v);
    x.held.pop_front();
  }
}

void results_state::restart(const std::string& id) {
  auto i = live.find(id);
  if (i == live.end() || !i->second.file)
    return;
  // The agent begins to count its credit again, so the answers to earlier bytes
  // must not add to it.
  for (auto& put : i->second.held)
    put.promise.deliver(not_there(id));
  i->second.held.clear();
  // The client goes on where it was, once that much has been said again. A
  // file that cannot be emptied fails the next put.
  i->second.file.reset();
}

caf::result<std::int64_t> results_state::commit(const std::string& id,
                                                durability kind) {
  auto i = live.find(id);
  if (i == live.end() || !i->second.file)
    return not_there(id);
  try {
    i->second.file->commit(kind);
    return static_cast<std::int64_t>(i->second.file->size());
  } catch (const std::system_error& e) {
    return to_error(e);
  }
}

void results_state::release(const std::string& id) {
  auto i = live.find(id);
  if (i == live.end())
    return;
  // A client that is still behind finds the rest in the file.
  if (i->second.waiting)
    i->second.waiting->deliver(result_block{{}, true});
  live.erase(i);
}

void results_state::erase(const std::string& id) {
  if (auto i = live.find(id); i != live.end()) {
    refuse_all(id, i->second);
    live.erase(i);
  }
  remove_result(settings.folder, id);
}

caf::result<result_block> results_state::get(const std::string& id,
                                             std::uint64_t offset) {
  if (auto i = live.find(id); i != live.end()) {
    auto promise = self->make_response_promise<result_block>();
    i->second.asked = true;
    i->second.read = offset;
    i->second.waiting = promise;
    feed(i->second);
    return promise;
  }
  try {
    std::uint64_t size = 0;
    auto bytes = read_result(settings.folder, id, offset, block_size, size);
    auto last = offset + bytes.size() >= size;
    return result_block{std::move(bytes), last};
  } catch (const std::system_error&) {
    return not_there(id);
  }
}

void results_state::leave(const std::string& id) {
  auto i = live.find(id);
  if (i == live.end() || !i->second.followed)
    return;
  if (auto job = i->second.job.lock())
    self->send(caf::actor_cast<job_actor>(job), atom::left_v);
}

void results_state::expire(const std::string& id) {
  auto i = live.find(id);
  if (i != live.end() && !i->second.asked)
    leave(id);
}

results_actor::behavior_type
results(results_actor::stateful_pointer<results_state> self,
        result_settings settings) {
  self->state.settings = std::move(settings);
  self->state.since = now_ms();
  return {
    [=](atom::begin, const std::string& id, bool followed) {
      self->state.create(id, followed);
    },
    [=](atom::put, const std::string& id, const std::string& bytes) {
      return self->state.put(id, bytes);
    },
    [=](atom::begin_anew, const std::string& id) { self->state.restart(id); },
    [=](atom::commit, const std::string& id, durability kind) {
      return self->state.commit(id, kind);
    },
    [=](atom::end_stored, const std::string& id) { self->state.release(id); },
    [=](atom::erase, const std::string& id) { self->state.erase(id); },
    [=](atom::get, const std::string& id, std::uint64_t offset) {
      return self->state.get(id, offset);
    },
    [=](atom::left, const std::string& id) { self->state.leave(id); },
    [=](atom::expire, const std::string& id) { self->state.expire(id); },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return std::vector{own_status(
        self, "results", "", std::to_string(st.live.size()) + " being written",
        0, st.since)};
    },
  };
}

} // namespace hearth
