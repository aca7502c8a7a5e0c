#include "actors/binaries/dependencies.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <utility>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "runtime/fetch/url.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

using clock = std::chrono::steady_clock;

/// How much of Maven's output an error quotes, bytes.
constexpr std::size_t quoted_log = 2000;

caf::error not_fetched(const std::string& uri, const std::string& why) {
  auto what = "cannot fetch " + without_credentials(uri) + ": " + why;
  return make_error(
    ec::job_loading_failed,
    problem{what, "java.io.IOException", "java.io.IOException: " + what, ""});
}

caf::error no_coordinate(const std::string& uri) {
  return make_error(ec::malformed_url,
                    problem{"'" + uri
                              + "' is no Maven coordinate: "
                                "maven:group:artifact:version is right",
                            "java.net.MalformedURLException", "", ""});
}

} // namespace

bool is_remote(std::string_view scheme) noexcept {
  constexpr std::array<std::string_view, 4> schemes{"http", "https", "ftp",
                                                    "maven"};
  return std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
}

dependencies_state::~dependencies_state() {
  for (auto& [uri, x] : open) {
    if (x.maven.pid > 0)
      launcher->signal_group(x.maven, SIGKILL);
    for (auto& asker : x.askers)
      asker.deliver(not_fetched(uri, "the part dependencies of the server has "
                                     "ended"));
  }
}

caf::result<resolved_binaries>
dependencies_state::resolve(const std::string& uri,
                            const std::vector<std::string>& used) {
  auto coordinate = parse_coordinate(uri);
  if (!coordinate && uri.starts_with("maven:"))
    return no_coordinate(uri);
  auto promise = self->make_response_promise<resolved_binaries>();
  auto [i, is_new] = open.try_emplace(uri);
  auto& x = i->second;
  x.askers.push_back(promise);
  x.in_use.insert(x.in_use.end(), used.begin(), used.end());
  if (!is_new)
    return promise;
  x.number = ++last_number_;
  x.asked = clock::now();
  x.host = coordinate ? "maven:" + coordinate->group : host_of(uri);
  try {
    if (coordinate && has_final(*coordinate)) {
      answer(uri, take_artifact(uri, *coordinate));
      return promise;
    }
  } catch (const std::exception& e) {
    fail(uri, e.what());
    return promise;
  }
  self->delayed_send(self, settings.limit, atom::expire_v, uri, x.number);
  waiting_.lane(x.host).push(uri);
  start_next();
  return promise;
}

void dependencies_state::start_next() {
  std::pair<std::string, std::string> next; // host, URI
  auto has_room = [this](const std::string& host) {
    return running_[host] < settings.at_once_of_host;
  };
  while (running_total_ < settings.at_once
         && waiting_.take_if(has_room, next)) {
    auto& [host, uri] = next;
    ++running_[host];
    ++running_total_;
    auto& x = open.at(uri);
    x.running = true;
    try {
      start(uri, x);
    } catch (const std::exception& e) {
      fail(std::string{uri}, e.what());
    }
  }
  std::erase_if(running_, [](auto& entry) { return entry.second == 0; });
}

void dependencies_state::start(const std::string& uri, open_fetch& x) {
  if (uri.starts_with("maven:"))
    start_maven(uri, x);
  else
    download(uri, x);
}

void dependencies_state::expire(const std::string& uri, std::uint64_t number) {
  auto i = open.find(uri);
  if (i == open.end() || i->second.number != number)
    return;
  auto& x = i->second;
  if (!x.running) {
    waiting_.erase_if([&](auto& waiting) { return waiting == uri; });
    fail(uri, "it waited for " + std::to_string(settings.limit.count())
                + " ms behind other fetches from " + x.host
                + " (setting hearth.dependencies.timeout)");
  } else if (x.maven.pid > 0) {
    x.timed_out = true;
    launcher->signal_group(x.maven, SIGKILL);
  } // a transfer ends by itself
}

void dependencies_state::fetched(const std::string& uri,
                                 const transfer_outcome& outcome) {
  auto i = open.find(uri);
  if (i == open.end() || !i->second.running)
    return;
  auto& x = i->second;
  auto coordinate = parse_coordinate(uri);
  if (coordinate)
    launcher->forget(x.maven);
  auto why = outcome.error;
  if (x.timed_out)
    why = "Maven was not done within " + std::to_string(settings.limit.count())
          + " ms (setting hearth.dependencies.timeout)";
  else if (coordinate && !why.empty())
    why += ":\n"
           + launch::tail((folder_of(*coordinate) / "maven.log").string(),
                          quoted_log);
  x.maven = {};
  try {
    if (!why.empty())
      fail(uri, why);
    else
      answer(uri, coordinate ? take_artifact(uri, *coordinate)
                             : take_download(uri, outcome));
  } catch (const std::exception& e) {
    fail(uri, e.what());
  }
}

void dependencies_state::answer(const std::string& uri,
                                const resolved_binaries& found) {
  for (auto& ref : found.refs)
    cache->used(ref.path);
  auto x = close(uri);
  for (auto& asker : x.askers)
    asker.deliver(found);
  if (x.running)
    make_room(x.in_use);
  start_next();
}

void dependencies_state::fail(const std::string& uri, const std::string& why) {
  auto x = close(uri);
  if (auto i = known_.find(uri);
      i != known_.end() && i->second.ref.path.empty())
    known_.erase(i);
  for (auto& asker : x.askers)
    asker.deliver(not_fetched(uri, why));
  start_next();
}

/// Removes it from the open ones, and its scratch file.
open_fetch dependencies_state::close(const std::string& uri) {
  auto node = open.extract(uri);
  auto x = std::move(node.mapped());
  if (x.running) {
    --running_[x.host];
    --running_total_;
  }
  std::error_code ignored; // it is removed at the next start
  if (!x.scratch.empty())
    fs::remove(x.scratch, ignored);
  return x;
}

dependencies_self::behavior_type
dependencies(dependencies_self::stateful_pointer<dependencies_state> self,
             dependency_settings settings,
             std::shared_ptr<launch::launcher> launcher,
             std::shared_ptr<transfers> http) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.settings.folder
    = fs::absolute(st.settings.folder).lexically_normal().string();
  st.cache = std::make_unique<dependency_cache>(st.settings.folder,
                                                st.settings.max_folder);
  st.launcher = std::move(launcher);
  st.http = http ? std::move(http) : make_curl_transfers();
  st.since = now_ms();
  return {
    [=](atom::resolve, const std::string& uri,
        const std::vector<std::string>& used) {
      return self->state.resolve(uri, used);
    },
    [=](atom::fetched, const std::string& uri, const transfer_outcome& x) {
      self->state.fetched(uri, x);
    },
    [=](atom::expire, const std::string& uri, std::uint64_t number) {
      self->state.expire(uri, number);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return std::vector{own_status(
        self, "dependencies", "",
        std::to_string(st.open.size()) + " being fetched", 0, st.since)};
    },
  };
}

} // namespace hearth
