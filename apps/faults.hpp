/// Where tests make a server fail.
#pragma once

#include <functional>

#include "actors/supervision/part.hpp"

namespace hearth {

/// The server itself sets none of these.
struct node_faults {
  /// Called before each step of the start; what it throws fails that step.
  std::function<void(const char* step)> before_step;
  /// Called by each part as it starts.
  part_hook on_part;

  void step(const char* name) const {
    if (before_step)
      before_step(name);
  }
};

} // namespace hearth
