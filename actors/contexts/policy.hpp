/// The limits of one context: the server's defaults, changed by the context's
/// own settings. The supervisor calls this before it makes a context.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/expected.hpp>

#include "actors/api/messages.hpp"
#include "base/setting.hpp"
#include "conf/settings.hpp"

namespace hearth {

/// The limits and habits of a context.
struct context_policy : conf::context_limits {
  std::chrono::milliseconds redial_timeout{10'000}; ///< for a lost agent
  std::uint64_t max_result = 0;                     ///< bytes
  /// After this time a client is answered, whatever it waits for.
  std::chrono::milliseconds longest_wait{3'600'000};
  bool streaming = false; ///< whether its jobs are given time to stop
  std::shared_ptr<const job_request> init_job; ///< null: none
};

/// Changes `defaults` by the settings of a context: `max-jobs-per-context`,
/// `restart` and the others that docs/operate.md lists, and `init-job`.
/// @returns ec::bad_request if a setting makes no sense; the message names it
///          and says what would be right
caf::expected<context_policy> policy_of(const context_policy& defaults,
                                        const settings_map& settings);

/// Returns the jars that all jobs of a context see, from the settings
/// `dependent-jar-uris` and `cp`. `policy_of` has accepted them.
std::vector<std::string> jars_of(const settings_map& settings);

} // namespace hearth
