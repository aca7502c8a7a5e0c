/// Commits writes together, and apart those of a group that failed.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "store/store.hpp"

namespace hearth {

/// What became of the next `count` writes of a group.
struct commit_part {
  std::size_t count;
  std::optional<store_error> failure; ///< none: they are stored
};

struct commit_report {
  /// In the order of the writes, from the first one on.
  std::vector<commit_part> parts;
  /// Why nothing is known of the writes behind those of `parts`: the database
  /// is lost, or held by others. None: `parts` has all writes.
  std::optional<store_error> interruption;
};

/// Stores `count` writes in their order, all in one transaction if none of them
/// fails. A group that fails is halved until those that fail are alone, so that
/// one that cannot be written takes no other with it. When a few have found
/// the device full, the rest is not tried.
/// @param write makes one of them, by its number; may be called again
commit_report
commit_together(store& db, durability how, std::size_t count,
                const std::function<void(store& db, std::size_t i)>& write);

} // namespace hearth
