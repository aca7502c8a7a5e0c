/// Which variables of the server's environment its child processes get. The
/// server's own may hold secrets (a database's password, keys of a cloud) that
/// no job has to see, so only those that are listed are passed on.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace hearth::launch {

/// Names and values.
using environment = std::map<std::string, std::string>;

/// The variables of this process that every child gets (docs/security.md lists
/// them), and those that `more` adds.
///
/// @param more  entries of three forms: `NAME`, also that variable of this
///              process; `NAME*`, also all whose names begin so; `NAME=VALUE`,
///              a variable with that value, which wins over this process's own
environment inherited(const std::vector<std::string>& more);

} // namespace hearth::launch
