/// Commits many writes in one transaction. If that fails, finds the writes at
/// fault, so that all others are stored. The store's actor uses it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "store/store.hpp"

namespace hearth {

/// The outcome of the next `count` writes of a group.
struct commit_part {
  std::size_t count;
  std::optional<store_error> failure; ///< none if they are stored
};

struct commit_report {
  /// In the order of the writes, from the first one on.
  std::vector<commit_part> parts;
  /// Why the outcome of the writes after those of `parts` is unknown: the
  /// database is lost, or others hold it. None if `parts` has all writes.
  std::optional<store_error> interruption;
};

/// Stores `count` writes in their order, in one transaction if none of them
/// fails. A group that fails is halved until the failing writes are alone, so
/// that a write that cannot be made takes no other with it. When a few writes
/// have found the device full, the others are not tried.
/// @param write makes the write with that number; may be called again
commit_report
commit_together(store& db, durability how, std::size_t count,
                const std::function<void(store& db, std::size_t i)>& write);

} // namespace hearth
