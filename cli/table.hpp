/// Prints tables for people.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace hearth::cli {

/// Columns as wide as their widest cell; no trailing blanks.
class table {
public:
  using row = std::vector<std::string>;

  explicit table(row header) : rows_{std::move(header)} {
    // nop
  }

  /// @param cells as many as the header has
  void add(row cells) {
    rows_.push_back(std::move(cells));
  }

  /// Prints all rows; the header also if there are no other rows.
  void print(std::ostream& out) const;

private:
  std::vector<row> rows_;
};

/// Prints names and values, a line each. Leaves out names without a value.
void print_fields(
  std::ostream& out,
  const std::vector<std::pair<std::string, std::string>>& fields);

} // namespace hearth::cli
