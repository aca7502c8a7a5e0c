#include "actors/services/callbacks.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "base/private_files.hpp"
#include "runtime/fetch/url.hpp"
#include "store/files/durable_write.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

using std::chrono::milliseconds;

constexpr std::chrono::seconds store_deadline{60};
constexpr milliseconds longest_pause{60'000};

/// So much may the times of files be behind the clock.
constexpr milliseconds tick{20};

/// From 0 to 1.
double chance() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>{}(generator);
}

} // namespace

milliseconds retry_pause(milliseconds first, std::int32_t failures,
                         double chance) {
  auto doublings = std::clamp(failures - 1, 0, 16);
  auto full = std::min<milliseconds>(first * (1LL << doublings), longest_pause);
  return milliseconds{static_cast<std::int64_t>(
    static_cast<double>(full.count()) * (1 - chance / 2))};
}

void callbacks_state::load() {
  make_private_folder(settings.folder);
  fs::permissions(settings.folder, fs::perms::owner_all);
  remove_unfinished(settings.folder);
  for (auto& file : fs::directory_iterator{settings.folder}) {
    if (file.path().extension() != ".url")
      continue;
    std::string url;
    std::getline(std::ifstream{file.path()}, url);
    auto job = file.path().stem().string();
    add(job, url);
    waiting.at(job).ended = file.last_write_time() + tick < settings.begun;
    self->send(self, atom::tick_v, job);
  }
}

void callbacks_state::add(const std::string& job, const std::string& url) {
  callback x;
  x.url = url;
  x.host = host_of(url);
  waiting.insert_or_assign(job, std::move(x));
}

caf::result<atom::ok> callbacks_state::announce(const std::string& job,
                                                const std::string& url) {
  if (waiting.count(job) != 0)
    return atom::ok_v; // an earlier server took it
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
  add(job, url);
  return atom::ok_v;
}

void callbacks_state::ended(const std::string& job) {
  if (auto i = waiting.find(job); i != waiting.end())
    i->second.ended = true;
  due(job);
}

void callbacks_state::due(const std::string& job) {
  auto i = waiting.find(job);
  if (i == waiting.end() || i->second.at != callback::stage::idle)
    return;
  i->second.at = callback::stage::queued;
  queue_.lane(i->second.host).push(job);
  start_next();
}

void callbacks_state::start_next() {
  std::pair<std::string, std::string> next; // host, job
  auto has_room = [this](const std::string& host) {
    auto i = running_.find(host);
    return i == running_.end() || i->second < settings.at_once_of_host;
  };
  while (running_total_ < settings.at_once && queue_.take_if(has_room, next)) {
    ++running_[next.first];
    ++running_total_;
    waiting.at(next.second).at = callback::stage::under_way;
    look_up(next.second);
  }
}

/// Only now: the results of all that wait would fill the memory.
void callbacks_state::look_up(const std::string& job) {
  self->request(store, store_deadline, atom::get_v, atom::by_id_v, job)
    .then([this](const job_record& x) { deliver(x); },
          [this, job](caf::error& e) {
            if (code_of(e) == ec::job_not_found)
              not_stored(job);
            else
              look_again(job, 1);
          });
}

/// The job is not in the store. A sync job is stored only at its end, and tells
/// this actor then.
void callbacks_state::not_stored(const std::string& job) {
  auto& x = waiting.at(job);
  if (x.ended)
    forget(job); // it never ran: its client was told so
  else
    end_turn(x);
}

void callbacks_state::deliver(const job_record& job) {
  if (job.state == job_state::killed)
    return forget(job.id);
  // Left by an earlier server, and the job goes on.
  if (!is_final(job.state))
    return look_again(job.id, settings.attempts);
  transfer_request request;
  request.url = waiting.at(job.id).url;
  request.limit = settings.limit;
  request.json = settings.render(job);
  http->start(std::move(request),
              [weak = caf::actor_cast<caf::weak_actor_ptr>(self),
               id = job.id](transfer_outcome outcome) {
                if (auto strong = weak.lock())
                  caf::anon_send(caf::actor_cast<callbacks_self>(strong),
                                 atom::fetched_v, id, std::move(outcome));
              });
}

void callbacks_state::delivered(const std::string& job,
                                const transfer_outcome& outcome) {
  if (outcome.error.empty())
    forget(job);
  else
    retry(job, outcome.error);
}

void callbacks_state::retry(const std::string& job, const std::string& reason) {
  auto& x = waiting.at(job);
  auto last = ++x.failures >= settings.attempts;
  spdlog::warn("job {}: callback, attempt {} of {}{}: {}", job, x.failures,
               settings.attempts, last ? ", given up" : "", reason);
  if (last)
    forget(job);
  else
    look_again(job, x.failures);
}

void callbacks_state::look_again(const std::string& job,
                                 std::int32_t failures) {
  end_turn(waiting.at(job));
  self->delayed_send(self, retry_pause(settings.pause, failures, chance()),
                     atom::tick_v, job);
}

void callbacks_state::forget(const std::string& job) {
  std::error_code ignored; // it would be delivered once more, after a restart
  fs::remove(fs::path{settings.folder} / (job + ".url"), ignored);
  auto node = waiting.extract(job);
  end_turn(node.mapped());
}

void callbacks_state::end_turn(callback& x) {
  x.at = callback::stage::idle;
  auto i = running_.find(x.host);
  if (--i->second == 0)
    running_.erase(i);
  --running_total_;
  start_next();
}

std::string callbacks_state::summary() const {
  return std::to_string(waiting.size()) + " to be delivered, "
         + std::to_string(running_total_) + " under way";
}

callbacks_self::behavior_type
callbacks(callbacks_self::stateful_pointer<callbacks_state> self,
          callback_settings settings, store_actor store,
          std::shared_ptr<transfers> http) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.store = std::move(store);
  st.http = http ? std::move(http) : make_curl_transfers();
  st.since = now_ms();
  st.load();
  return {
    [=](atom::put, const std::string& job, const std::string& url) {
      return self->state.announce(job, url);
    },
    [=](atom::end_stored, const std::string& job) { self->state.ended(job); },
    [=](atom::tick, const std::string& job) { self->state.due(job); },
    [=](atom::fetched, const std::string& job, const transfer_outcome& x) {
      self->state.delivered(job, x);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return std::vector{
        own_status(self, "callbacks", "", st.summary(), 0, st.since)};
    },
  };
}

} // namespace hearth
