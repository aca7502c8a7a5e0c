/// What the settings of one context say about its limits.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <caf/expected.hpp>

#include "actors/contexts/context.hpp"

namespace hearth {

/// `defaults` with what `settings` says otherwise: `max-jobs-per-context`,
/// `restart` and the others that docs/operate.md lists, and the `init-job`;
/// ec::bad_request names a setting that makes no sense and says what would.
caf::expected<context_policy>
policy_of(const context_policy& defaults,
          const std::map<std::string, std::string>& settings);

/// The jars that all jobs of a context see: `dependent-jar-uris` and `cp`, each
/// a comma-separated list or a JSON array.
std::vector<std::string>
jars_of(const std::map<std::string, std::string>& settings);

} // namespace hearth
