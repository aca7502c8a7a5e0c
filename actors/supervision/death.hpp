/// The death of an actor in words.
#pragma once

#include <string>

#include <caf/error.hpp>

namespace hearth {

/// Why an actor ended, for the log.
std::string death_text(const caf::error& reason);

} // namespace hearth
