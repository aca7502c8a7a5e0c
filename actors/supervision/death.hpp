/// Describes the death of an actor in words.
#pragma once

#include <string>

#include <caf/error.hpp>

namespace hearth {

/// Returns why an actor ended, as a text for the log.
std::string death_text(const caf::error& reason);

} // namespace hearth
