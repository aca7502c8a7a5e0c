/// The places at which tests can make a server fail.
#pragma once

#include <functional>

#include "actors/supervision/part.hpp"

namespace hearth {

/// Hooks of tests; the server itself sets none of them.
struct node_faults {
  /// Called before each step of the start. If it throws, that step fails.
  std::function<void(const char* step)> before_step;
  /// Called by each part as it starts.
  part_hook on_part;

  void step(const char* name) const {
    if (before_step)
      before_step(name);
  }
};

} // namespace hearth
