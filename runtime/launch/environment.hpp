/// Decides which variables of the server's environment its child processes get.
/// The environment may hold secrets that no job should see, such as a
/// database's password or keys of a cloud, so only listed variables are passed
/// on.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace hearth::launch {

/// Names and values.
using environment = std::map<std::string, std::string>;

/// Returns the variables of this process that every child gets, which
/// docs/security.md lists, and those that `more` adds.
///
/// @param more  entries of three forms: `NAME` adds that variable of this
///              process; `NAME*` adds all variables whose names begin with
///              NAME; `NAME=VALUE` adds a variable with that value, which wins
///              over this process's own
environment inherited(const std::vector<std::string>& more);

} // namespace hearth::launch
