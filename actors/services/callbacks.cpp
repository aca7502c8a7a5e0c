#include "actors/services/callbacks.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "runtime/fetch/transfer.hpp"
#include "store/files/durable_write.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::minutes courier_deadline{10};
constexpr std::chrono::minutes longest_pause{1};

struct courier_state {
  static inline const char* name = "courier";
};

/// Delivers one at a time; detached.
courier_actor::behavior_type
courier(courier_actor::stateful_pointer<courier_state> self,
        std::chrono::milliseconds limit, std::uint64_t parent) {
  auto since = now_ms();
  return {
    [=](atom::put, const std::string& url,
        const std::string& body) -> caf::result<atom::ok> {
      try {
        post_json(url, body, limit);
        return atom::ok_v;
      } catch (const transfer_error& e) {
        return make_error(ec::internal, e.what());
      }
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{
        own_status(self, "courier", "", "open", parent, since)};
    },
  };
}

} // namespace

void callbacks_state::load() {
  fs::create_directories(settings.folder);
  fs::permissions(settings.folder, fs::perms::owner_all);
  for (auto& x : fs::directory_iterator{settings.folder}) {
    if (x.path().extension() != ".url")
      continue;
    std::string url;
    std::getline(std::ifstream{x.path()}, url);
    auto job = x.path().stem().string();
    waiting[job] = {url, 0};
    self->send(self, atom::end_stored_v, job);
  }
}

caf::result<atom::ok> callbacks_state::announce(const std::string& job,
                                                const std::string& url) {
  if (waiting.size() >= settings.max_waiting)
    return make_error(ec::overloaded,
                      std::to_string(waiting.size())
                        + " callbacks wait to be delivered, more are not "
                          "taken (setting hearth.callbacks.max-waiting)");
  try {
    write_flushed(fs::path{settings.folder} / (job + ".url"), url);
  } catch (const fs::filesystem_error& e) {
    auto full = e.code() == std::errc::no_space_on_device;
    return make_error(full ? ec::storage_full : ec::store_failed,
                      std::string{"the callback: "} + e.what());
  }
  waiting[job] = {url, 0};
  return atom::ok_v;
}

void callbacks_state::due(const std::string& job) {
  if (waiting.count(job) == 0)
    return;
  self->request(store, store_deadline, atom::get_v, atom::by_id_v, job)
    .then([this](const job_record& x) { tell(x); },
          [this, job](caf::error& e) {
            if (code_of(e) == ec::job_not_found)
              forget(job); // it never ran: its client was told so
            else
              again(job, 0);
          });
}

void callbacks_state::tell(const job_record& job) {
  if (job.state == job_state::killed) {
    forget(job.id);
  } else if (!is_final(job.state)) {
    // Left by an earlier server, and the job goes on: look again.
    again(job.id, settings.attempts);
  } else if (auto i = waiting.find(job.id); i != waiting.end()) {
    self
      ->request(courier, courier_deadline, atom::put_v, i->second.url,
                settings.render(job))
      .then([this, id = job.id](atom::ok) { forget(id); },
            [this, id = job.id](caf::error& e) {
              failed(id, problem_of(e).message);
            });
  }
}

void callbacks_state::failed(const std::string& job, const std::string& why) {
  auto i = waiting.find(job);
  if (i == waiting.end())
    return;
  auto failures = ++i->second.failures;
  auto last = failures >= settings.attempts;
  spdlog::warn("job {}: callback, attempt {} of {}{}: {}", job, failures,
               settings.attempts, last ? ", given up" : "", why);
  if (last)
    forget(job);
  else
    again(job, failures - 1);
}

void callbacks_state::again(const std::string& job, std::int32_t failures) {
  auto pause = settings.pause * (1LL << std::min(failures, 16));
  self->delayed_send(self,
                     std::min<std::chrono::milliseconds>(pause, longest_pause),
                     atom::end_stored_v, job);
}

void callbacks_state::forget(const std::string& job) {
  waiting.erase(job);
  std::error_code ignored; // it would be told once more, after a restart
  fs::remove(fs::path{settings.folder} / (job + ".url"), ignored);
}

callbacks_actor::behavior_type
callbacks(callbacks_actor::stateful_pointer<callbacks_state> self,
          callback_settings settings, store_actor store) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.store = std::move(store);
  st.since = now_ms();
  st.courier
    = self->spawn<caf::detached>(courier, st.settings.limit, self->id());
  st.load();
  return {
    [=](atom::put, const std::string& job, const std::string& url) {
      return self->state.announce(job, url);
    },
    [=](atom::end_stored, const std::string& job) { self->state.due(job); },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return gather_status(
        self,
        own_status(self, "callbacks", "",
                   std::to_string(st.waiting.size()) + " to be delivered", 0,
                   st.since),
        {st.courier});
    },
  };
}

} // namespace hearth
