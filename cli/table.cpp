#include "cli/table.hpp"

#include <algorithm>

#include "cli/text.hpp"

namespace hearth::cli {

namespace {

void print_rows(std::ostream& out, const std::vector<table::row>& rows) {
  std::vector<std::size_t> widths;
  std::vector<table::row> cells = rows;
  for (auto& row : cells) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = printable(row[i], false);
      widths[i] = std::max(widths[i], columns(row[i]));
    }
  }
  for (const auto& row : cells) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - columns(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

} // namespace

void table::print(std::ostream& out) const {
  print_rows(out, rows_);
}

void print_fields(
  std::ostream& out,
  const std::vector<std::pair<std::string, std::string>>& fields) {
  std::vector<table::row> rows;
  for (const auto& [name, value] : fields)
    if (!value.empty())
      rows.push_back({name, value});
  print_rows(out, rows);
}

} // namespace hearth::cli
