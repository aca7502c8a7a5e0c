/// Everything that routes work with: the actors, the settings, the deadlines,
/// and the objects that bound the work of requests.
#pragma once

#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <caf/fwd.hpp>

#include "actors/api/interfaces.hpp"
#include "conf/hocon.hpp"
#include "conf/settings.hpp"
#include "http/core/admission.hpp"
#include "http/routes/actor_pool.hpp"
#include "http/routes/doorkeeper.hpp"
#include "http/routes/health.hpp"
#include "http/routes/turnstile.hpp"
#include "http/routes/workers.hpp"

namespace hearth::http {

using std::chrono::milliseconds;

/// How long routes wait for actors. These limits are the last resort, because
/// actors have deadlines of their own, whose errors say more.
struct deadlines {
  milliseconds lookup{10'000};    ///< reads, and writes of one record
  milliseconds upload{600'000};   ///< until a binary is on the disk
  milliseconds health{2'000};     ///< until a part counts as silent
  milliseconds health_lasts{100}; ///< how long a verdict of /healthz is used
  /// Parts that do one long thing at a time, and how long that may take.
  std::map<std::string, milliseconds> busy{
    {"content", milliseconds{120'000}},
    {"dependencies", milliseconds{60'000}},
    {"data", milliseconds{10'000}},
    {"hasher", milliseconds{10'000}},
    {"list reader", milliseconds{10'000}}};
  milliseconds patience{
    1'000};                   ///< after it, a request counts as one that waits
  milliseconds margin{5'000}; ///< in addition to the wait of a client
};

/// The functions that parse bodies.
struct body_parsers {
  std::function<std::string(std::string_view)> to_json
    = [](std::string_view text) { return conf::to_json(text); };
  std::function<conf::settings_map(std::string_view)> to_settings
    = [](std::string_view text) { return conf::to_settings(text); };
};

struct route_env {
  caf::actor_system& system;
  /// These handles stay valid for the life of the server: for a part that can
  /// be restarted it is the handle of its keeper, and the death of any other
  /// part ends the server.
  actor_handles actors;
  conf::http_settings settings;
  body_parsers parse;
  deadlines wait;
  std::shared_ptr<doorkeeper> door = {}; ///< null: everyone may do everything
  std::shared_ptr<admission> load = {};  ///< null: there are no limits
  std::shared_ptr<actor_pool> pool = std::make_shared<actor_pool>();
  std::shared_ptr<health_check> health = std::make_shared<health_check>();
  status_actor drivers = {}; ///< asked only for its status; null in some tests
  /// Do work that takes long. If null, it is done on the calling thread.
  std::shared_ptr<workers> helpers = {};
  /// While one list is read from the database, another is rendered. More at
  /// once would be no faster.
  std::shared_ptr<turnstile> long_lists
    = std::make_shared<turnstile>(turnstile::limits{2});
  /// What the store answers is counted in no budget before it is here, and how
  /// large it is nobody knows before: up to `max_body` for a configuration, up
  /// to 1 MiB for a report. So few are asked for at once.
  std::shared_ptr<turnstile> configurations
    = few_at_once(2, "configurations of jobs");
  std::shared_ptr<turnstile> reports = few_at_once(16, "reports of jobs");

  /// Returns the longest time that any request may take.
  milliseconds longest() const noexcept {
    return settings.max_sync_wait + wait.margin;
  }

  /// As many as like may wait: `load` bounds them.
  static std::shared_ptr<turnstile> few_at_once(std::size_t count,
                                                const char* what) {
    constexpr auto any = std::numeric_limits<std::size_t>::max();
    return std::make_shared<turnstile>(
      turnstile::limits{count, any, any, milliseconds{10'000}, what});
  }
};

} // namespace hearth::http
