// What the command line makes of a server's answer, whatever that is.

#include "cli/json.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

using cli::json::value;

void walk(const value& x, int depth) {
  x.text();
  if (auto n = x.count())
    require(*n >= 0, "a count is not negative");
  if (depth > 100)
    return;
  for (const auto& item : x.items())
    walk(item, depth + 1);
  for (const auto& [name, member] : x.members()) {
    x[name.c_str()].text();
    walk(member, depth + 1);
  }
}

} // namespace

void one(std::string_view input) {
  auto key = take(input);
  auto parsed = value::parse(std::string{input});
  require(parsed.has_value() == cli::json::valid(input),
          "what is valid can be parsed");
  if (parsed)
    walk(*parsed, 0);
  auto shown = cli::json::shown_member(std::string{input}, key);
  if (parsed && is_utf8(input))
    require(is_utf8(shown), "what is shown is UTF-8");
  if (!is_utf8(key))
    return;
  auto quoted = cli::json::quoted(key);
  require(is_json(quoted), "a quoted text is JSON");
  require_equal(value::parse(quoted)->text(), key, "a quoted text is itself");
}

} // namespace hearth::fuzz
