#include <utility>

#include "conf/hocon_lexer.hpp"
#include "conf/hocon_text.hpp"

namespace hearth::conf {

namespace {

using kind = token::kind;

// If many keys lie below one long path, each key would have a copy of that
// path.
constexpr std::size_t max_path_bytes = 4096;

bool is_number(std::string_view x) {
  auto digits = [&] {
    auto n = std::min(x.find_first_not_of("0123456789"), x.size());
    x.remove_prefix(n);
    return n;
  };
  auto skip = [&](std::string_view any) {
    auto found = !x.empty() && any.find(x.front()) != std::string_view::npos;
    x.remove_prefix(found ? 1 : 0);
    return found;
  };
  skip("-");
  auto zero = !x.empty() && x.front() == '0';
  auto whole = digits();
  if (whole == 0 || (zero && whole > 1))
    return false;
  if (skip(".") && digits() == 0)
    return false;
  if (skip("eE")) {
    skip("+-");
    if (digits() == 0)
      return false;
  }
  return x.empty();
}

part::kind kind_of_unquoted(const std::string& x) {
  if (x == "true" || x == "false")
    return part::kind::boolean;
  if (x == "null")
    return part::kind::null;
  return is_number(x) ? part::kind::number : part::kind::text;
}

bool is_key(const token& x) {
  return x.what == kind::quoted || x.what == kind::unquoted;
}

class parser {
public:
  parser(std::string_view text, const text_limits& limits)
    : in_(text), limits_(limits) {}

  document parse() {
    document result;
    in_.skip_newlines();
    if (in_.current().what == kind::open_bracket)
      fail_at(in_.current().where, "the text is a list rather than an object");
    auto braces = in_.current().what == kind::open_brace;
    if (braces)
      in_.next();
    parse_fields(result, 0, 0, braces ? kind::close_brace : kind::end);
    if (braces) {
      in_.next();
      in_.skip_newlines();
      if (in_.current().what != kind::end)
        fail_at(in_.current().where,
                "expected the end of the text after the closing '}', got "
                  + describe(in_.current()));
    }
    return result;
  }

private:
  void check_depth(int depth) const {
    if (depth > limits_.max_depth)
      fail_at(in_.current().where, "nested deeper than "
                                     + std::to_string(limits_.max_depth)
                                     + " levels");
  }

  /// Ends an element of a list or an object: true if another may follow.
  bool parse_separator(kind closing) {
    auto& token = in_.current();
    auto new_line = token.what == kind::newline;
    in_.skip_newlines();
    if (token.what == kind::comma) {
      in_.next();
      in_.skip_newlines();
      return token.what != closing;
    }
    if (token.what == closing)
      return false;
    if (!new_line)
      fail_at(token.where, "expected a comma or a new line, got "
                             + describe(token)
                             + " (a text with such signs needs quotes)");
    return true;
  }

  /// Up to the closing token, which stays. `depth` is that of the document.
  void parse_fields(document& doc, std::size_t node, int depth, kind closing) {
    in_.skip_newlines();
    if (in_.current().what == closing)
      return;
    do
      parse_statement(doc, node, depth);
    while (parse_separator(closing));
  }

  std::size_t descend(document& doc, std::size_t node, const path& names,
                      int depth) {
    for (auto& name : names) {
      auto& children = doc.nodes[node].children;
      auto i = children.find(name);
      if (i == children.end()) {
        auto level = doc.nodes[node].depth + 1;
        auto bytes = doc.nodes[node].bytes + name.size();
        check_depth(depth + level);
        if (bytes > max_path_bytes)
          fail_at(in_.current().where, "a path is longer than "
                                         + std::to_string(max_path_bytes)
                                         + " bytes");
        i = children.emplace(name, doc.nodes.size()).first;
        doc.nodes.push_back({node, name, level, bytes, {}, {}});
      }
      node = i->second;
    }
    return node;
  }

  static void add(document& doc, statement x) {
    doc.nodes[x.node].statements.push_back(doc.statements.size());
    doc.statements.push_back(std::move(x));
  }

  void parse_statement(document& doc, std::size_t node, int depth) {
    auto where = in_.current().where;
    if (in_.current().what == kind::unquoted && in_.current().text == "include")
      fail_at(where, "include is not supported; a key of that name needs "
                     "quotes");
    if (!is_key(in_.current()))
      fail_at(where, "expected a key, got " + describe(in_.current()));
    auto key = read_path(in_);
    auto child = descend(doc, node, key, depth);
    in_.skip_newlines();
    switch (in_.current().what) {
      case kind::open_brace:
        parse_value(doc, child, depth, where);
        return;
      case kind::colon:
      case kind::equals:
        in_.next();
        in_.skip_newlines();
        parse_value(doc, child, depth, where);
        return;
      case kind::plus_equals:
        in_.next();
        in_.skip_newlines();
        parse_append(doc, child, depth, where);
        return;
      default:
        fail_at(in_.current().where, "Key '" + to_string(key)
                                       + "' may not be followed by token: "
                                       + describe(in_.current()));
    }
  }

  /// Objects among the parts become statements of their own: joining objects
  /// is the same as setting one after the other.
  void parse_value(document& doc, std::size_t node, int depth, position where) {
    expression parts;
    auto objects = false;
    auto flush = [&] {
      if (!parts.empty())
        add(doc, {node, std::exchange(parts, {}), objects, where});
    };
    do {
      if (in_.current().what != kind::open_brace) {
        parts.push_back(parse_part(depth + doc.nodes[node].depth));
        continue;
      }
      objects = true;
      flush();
      auto before = doc.statements.size();
      part empty;
      empty.what = part::kind::object;
      empty.where = in_.current().where;
      in_.next();
      check_depth(depth + doc.nodes[node].depth + 1);
      parse_fields(doc, node, depth, kind::close_brace);
      in_.next();
      if (doc.statements.size() == before) {
        empty.fields = std::make_shared<document>();
        add(doc, {node, {empty}, true, where});
      }
    } while (!at_end_of_value());
    flush();
  }

  /// `a += b` is `a = ${?a} [b]`.
  void parse_append(document& doc, std::size_t node, int depth,
                    position where) {
    part before;
    before.what = part::kind::substitution;
    before.target = doc.path_of(node);
    before.optional = true;
    before.where = where;
    part added;
    added.what = part::kind::list;
    added.where = where;
    auto level = depth + doc.nodes[node].depth + 1;
    check_depth(level);
    added.items.push_back(parse_expression(level));
    add(doc, {node, {std::move(before), std::move(added)}, false, where});
  }

  bool at_end_of_value() const {
    switch (in_.current().what) {
      case kind::end:
      case kind::newline:
      case kind::comma:
      case kind::close_brace:
      case kind::close_bracket:
        return true;
      default:
        return false;
    }
  }

  expression parse_expression(int depth) {
    expression result;
    do
      result.push_back(parse_part(depth));
    while (!at_end_of_value());
    return result;
  }

  part parse_part(int depth) {
    auto token = in_.current();
    part result;
    result.where = token.where;
    result.space = token.space;
    switch (token.what) {
      case kind::unquoted:
        result.what = kind_of_unquoted(token.text);
        result.text = token.text;
        break;
      case kind::quoted:
        result.text = token.text;
        break;
      case kind::substitution:
        result.what = part::kind::substitution;
        result.optional = token.optional;
        result.target = parse_target(token);
        break;
      case kind::open_brace:
        parse_object(result, depth + 1);
        break;
      case kind::open_bracket:
        parse_list(result, depth + 1);
        break;
      case kind::colon:
      case kind::equals:
      case kind::plus_equals:
        fail_at(token.where, "expected a comma or a new line, got "
                               + describe(token)
                               + " (a text with such signs needs quotes)");
      default:
        fail_at(token.where, "expected a value, got " + describe(token));
    }
    in_.next();
    return result;
  }

  static path parse_target(const token& x) {
    lexer in{x.text, {x.where.line, x.where.column + (x.optional ? 3 : 2)}};
    auto result = read_path(in);
    if (in.current().what != kind::end)
      fail_at(in.current().where,
              describe(in.current()) + " does not belong into a path");
    return result;
  }

  void parse_object(part& result, int depth) {
    check_depth(depth);
    result.what = part::kind::object;
    auto fields = std::make_shared<document>();
    in_.next();
    parse_fields(*fields, 0, depth, kind::close_brace);
    result.fields = std::move(fields);
  }

  void parse_list(part& result, int depth) {
    check_depth(depth);
    result.what = part::kind::list;
    in_.next();
    in_.skip_newlines();
    if (in_.current().what == kind::close_bracket)
      return;
    do
      result.items.push_back(parse_expression(depth));
    while (parse_separator(kind::close_bracket));
  }

  lexer in_;
  const text_limits& limits_;
};

} // namespace

document parse_hocon(std::string_view text, const text_limits& limits) {
  if (text.size() > limits.max_hocon_bytes)
    throw parse_error("a HOCON text may have "
                        + std::to_string(limits.max_hocon_bytes)
                        + " bytes, this one has " + std::to_string(text.size())
                        + " (JSON may be larger)",
                      0, 0);
  return parser{text, limits}.parse();
}

} // namespace hearth::conf
