#include "conf/hocon_text.hpp"

#include <algorithm>

#include "conf/hocon_lexer.hpp"

namespace hearth::conf {

namespace {

bool is_piece(const token& x) {
  return x.what == token::kind::quoted || x.what == token::kind::unquoted;
}

} // namespace

void fail_at(position where, const std::string& what) {
  throw parse_error(std::to_string(where.line) + ":"
                      + std::to_string(where.column) + ": " + what,
                    where.line, where.column);
}

path document::path_of(std::size_t node) const {
  path result;
  for (; node != 0; node = nodes[node].parent)
    result.push_back(nodes[node].name);
  std::reverse(result.begin(), result.end());
  return result;
}

std::string to_string(const path& x) {
  std::string result;
  for (auto& name : x) {
    if (!result.empty())
      result += '.';
    auto plain = !name.empty()
                 && name.find_first_of(".\"\\$[]{}:=,+#`^?!@*& \t\n")
                      == std::string::npos;
    if (plain) {
      result += name;
      continue;
    }
    result += '"';
    for (auto c : name) {
      if (c == '"' || c == '\\')
        result += '\\';
      result += c;
    }
    result += '"';
  }
  return result;
}

path read_path(lexer& in) {
  path result{""};
  auto where = in.current().where;
  auto empty = true; // whether the last piece may not stay as it is
  auto check = [&] {
    if (empty)
      fail_at(where, "a path may not begin or end with '.' or have two in a "
                     "row; an empty piece is written \"\"");
  };
  for (auto first = true; is_piece(in.current()); in.next(), first = false) {
    auto& piece = in.current();
    if (!first)
      result.back() += piece.space;
    if (piece.what == token::kind::quoted) {
      result.back() += piece.text;
      empty = false;
      continue;
    }
    for (auto c : piece.text) {
      if (c == '.') {
        check();
        result.emplace_back();
        empty = true;
      } else {
        result.back() += c;
        empty = false;
      }
    }
  }
  check();
  return result;
}

} // namespace hearth::conf
