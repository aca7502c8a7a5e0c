/// A table of numbers that is stored by columns. The example jobs read it from
/// a CSV file, whose first line names the columns.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace example {

struct table {
  std::vector<std::string> names;
  std::vector<std::vector<float>> columns; ///< all of the same size

  std::size_t rows() const noexcept {
    return columns.empty() ? 0 : columns.front().size();
  }

  /// @throws std::invalid_argument if there is no such column
  const std::vector<float>& column(const std::string& name) const;
};

/// Reads a CSV file.
/// @throws std::runtime_error that names the file and the line
table read_table(const std::string& file);

/// Writes a CSV file of random numbers from 0 to 1, which depend only on the
/// seed.
/// @throws std::runtime_error
void make_table(const std::string& file, std::size_t rows, std::size_t columns,
                unsigned seed);

} // namespace example
