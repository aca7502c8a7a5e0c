#include "table.hpp"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string_view>

namespace example {

namespace {

std::string_view cut(std::string_view& text, char at) {
  auto end = text.find(at);
  auto result = text.substr(0, end);
  text
    = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return result;
}

[[noreturn]] void fail(const std::string& file, std::size_t line,
                       const char* what) {
  throw std::runtime_error(file + ":" + std::to_string(line) + ": " + what);
}

} // namespace

const std::vector<float>& table::column(const std::string& name) const {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return columns[i];
  throw std::invalid_argument("the table has no column " + name);
}

table read_table(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    throw std::runtime_error("the file " + file + " cannot be read");
  std::string content{std::istreambuf_iterator<char>{in}, {}};
  std::string_view rest = content;
  table result;
  for (auto head = cut(rest, '\n'); !head.empty();)
    result.names.emplace_back(cut(head, ','));
  result.columns.resize(result.names.size());
  for (std::size_t number = 2; !rest.empty(); ++number) {
    auto line = cut(rest, '\n');
    for (auto& column : result.columns) {
      auto text = cut(line, ',');
      float x = 0;
      auto [end, error]
        = std::from_chars(text.data(), text.data() + text.size(), x);
      if (error != std::errc{} || end != text.data() + text.size())
        fail(file, number, "a column is no number");
      column.push_back(x);
    }
    if (!line.empty())
      fail(file, number, "more columns than the first line names");
  }
  return result;
}

void make_table(const std::string& file, std::size_t rows, std::size_t columns,
                unsigned seed) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out{
    std::fopen(file.c_str(), "w"), std::fclose};
  if (!out)
    throw std::runtime_error("the file " + file + " cannot be written");
  std::mt19937 random{seed};
  std::uniform_int_distribution<int> digits{0, 999'999};
  for (std::size_t i = 0; i < columns; ++i)
    std::fprintf(out.get(), "%sc%zu", i == 0 ? "" : ",", i);
  std::fputc('\n', out.get());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < columns; ++i)
      std::fprintf(out.get(), "%s0.%06d", i == 0 ? "" : ",", digits(random));
    std::fputc('\n', out.get());
  }
  if (std::fflush(out.get()) != 0)
    throw std::runtime_error("the file " + file + " cannot be written");
}

} // namespace example
