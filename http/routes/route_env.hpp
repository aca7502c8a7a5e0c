/// What the routes have at hand.
#pragma once

#include <chrono>
#include <functional>
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
#include "http/routes/workers.hpp"

namespace hearth::http {

using std::chrono::milliseconds;

/// How long the edge waits for actors. These are the last resort: actors have
/// deadlines of their own and better words for what happened.
struct deadlines {
  milliseconds lookup{10'000};  ///< reads, and writes of one record
  milliseconds upload{600'000}; ///< until a binary is on disk
  milliseconds health{2'000};
  milliseconds patience{1'000}; ///< then a request counts as one that waits
  milliseconds margin{5'000};   ///< beyond what a client may wait for
};

/// Reads bodies.
struct body_parsers {
  std::function<std::string(std::string_view)> to_json
    = [](std::string_view text) { return conf::to_json(text); };
  std::function<conf::settings_map(std::string_view)> to_settings
    = [](std::string_view text) { return conf::to_settings(text); };
};

struct route_env {
  caf::actor_system& system;
  actor_handles actors;
  conf::http_settings settings;
  body_parsers parse;
  deadlines wait;
  std::shared_ptr<doorkeeper> door = {}; ///< none: everyone may do everything
  std::shared_ptr<admission> load = {};  ///< none: there are no limits
  std::shared_ptr<actor_pool> pool = std::make_shared<actor_pool>();
  /// For what takes long; none: it is done where it comes up.
  std::shared_ptr<workers> helpers = {};

  /// The longest that anything at all may take.
  milliseconds longest() const noexcept {
    return settings.max_sync_wait + wait.margin;
  }
};

} // namespace hearth::http
