#include "cli/session.hpp"

#include <fmt/format.h>

#include "cli/json.hpp"
#include "cli/text.hpp"

namespace hearth::cli {

namespace {

/// More of a page that is no JSON would not help.
constexpr std::size_t longest_page = 2000;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// @param with_type says of which class the exception is: where no headline
///        says what went wrong, a message alone may be as little as "5"
std::string explain_exception(const json::value& x, bool with_type,
                              bool verbose) {
  auto result = x["message"].text();
  auto type = x["errorClass"].text();
  auto stack = x["stack"].text();
  if (result.empty())
    result = type;
  else if (with_type && !type.empty() && !holds(result, type))
    result = type + ": " + result;
  if (!verbose || stack.empty())
    return result;
  // Most stacks start with the message.
  return holds(stack, x["message"].text()) ? stack : result + '\n' + stack;
}

} // namespace

std::string explain(const answer& x, bool verbose) {
  auto body = json::value::parse(x.body);
  if (!body || !body->is_object())
    return fmt::format("HTTP {}{}{}", x.status, x.body.empty() ? "" : ": ",
                       x.body.substr(0, longest_page));
  auto headline = (*body)["status"].text();
  auto text = (*body)["result"].text();
  // The answer to the kill of a failed job calls it ERROR.
  for (const char* key : {"result", "ERROR"})
    if (text.empty() && (*body)[key].is_object())
      text = explain_exception((*body)[key], headline == "ERROR", verbose);
  if (text.empty())
    text = json::shown_member(x.body, "result");
  if (headline.empty() || headline == "ERROR")
    return text.empty() ? fmt::format("HTTP {}", x.status) : text;
  return text.empty() ? headline : headline + ": " + text;
}

answer session::ask_any(const request& in, std::string_view title) {
  progress line{err, width};
  if (!line.visible())
    return client.send(in);
  return client.send(in, [&](std::int64_t sent, std::int64_t size) {
    // Small bodies are gone at once: then the wait is for the answer.
    if (in.file.empty() || size <= 0 || sent >= size)
      line.show(title);
    else
      line.show(title, sent, size,
                fmt::format("{} of {}", bytes(sent), bytes(size)));
  });
}

answer session::ask(const request& in, std::string_view title) {
  auto result = ask_any(in, title);
  if (!result.good())
    throw refused{std::move(result)};
  return result;
}

void session::print(const answer& x) {
  out << x.body;
  if (!x.body.empty() && !x.body.ends_with('\n'))
    out << '\n';
}

void session::print(const answer& x, std::string_view line) {
  if (json)
    print(x);
  else
    out << line << '\n';
}

void session::complain(const answer& x, std::string_view prefix) {
  err << "hearth: " << prefix << printable(explain(x, verbose), true)
      << std::endl;
}

} // namespace hearth::cli
