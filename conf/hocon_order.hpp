/// Finds out which statements of a HOCON text make the value at a path.
/// Internal to conf/.
#pragma once

#include <cstddef>
#include <vector>

#include "conf/hocon_text.hpp"

namespace hearth::conf {

constexpr auto no_limit = static_cast<std::size_t>(-1);

/// Whether one of the paths is the beginning of the other one.
bool is_related(const path& x, const path& y);

/// Counts the substitutions in an expression that are related to a path, up to
/// two.
int count_related(const expression& parts, const path& to);

/// Leaves out the statements whose values are never seen. A statement that sets
/// a path to a value of its own hides all earlier ones at this path and below
/// it. Only a statement in between that refers to this path, such as
/// `a = ${a} { b = 1 }`, still sees them.
class statement_order {
public:
  explicit statement_order(const document& doc);

  /// What the nodes on the way to a node say about the statements below them.
  struct level {
    std::vector<std::size_t> hiders; ///< statements that hide earlier ones
    std::vector<std::size_t> seers;  ///< statements that see earlier ones
  };
  using levels = std::vector<level>;

  /// Adds those statements of a node that are before `limit` and count.
  /// @param above the levels of the nodes above; that of this node is added
  /// @returns how many were looked at
  std::size_t collect(std::size_t node, std::size_t limit, levels& above,
                      std::vector<std::size_t>& out) const;

  /// Does the same for the node and all nodes below it, and leaves `above` as
  /// it was.
  /// @param keep whether values that were set below a node before its last
  /// value are kept
  /// @returns how many were looked at
  std::size_t collect_below(std::size_t node, std::size_t limit, bool keep,
                            levels& above, std::vector<std::size_t>& out) const;

  /// Says of each of these statements whether a later one at the same path
  /// replaces its value, unless that is an object.
  std::vector<bool> find_replaced(const std::vector<std::size_t>& all) const;

private:
  enum class role : char { none, hider, seer };

  role role_of(const statement& x) const;
  bool is_hidden(std::size_t statement, const levels& above,
                 const level& own) const;

  const document& doc_;
  std::vector<role> roles_; ///< by statement
};

} // namespace hearth::conf
