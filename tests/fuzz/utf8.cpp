// Three readers of UTF-8 agree on what it is, and what two of them make of any
// bytes is UTF-8.

#include "store/utf8.hpp"

#include "http/core/query.hpp"
#include "runtime/native/agent/text.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

bool http_takes(std::string_view x) {
  try {
    http::decode(x, false, "text");
    return true;
  } catch (const http::bad_request&) {
    return false;
  }
}

} // namespace

void one(std::string_view input) {
  std::string plain{input};
  make_plain_utf8(plain);
  require(is_utf8(plain) && plain.find('\0') == std::string::npos,
          "what is stored is UTF-8 without NUL");
  require(plain.size() == input.size(), "bytes are replaced, not removed");
  auto right = is_utf8(input);
  auto stays = right && input.find('\0') == std::string_view::npos;
  require((plain == input) == stays, "what was right stays");
  if (input.find('%') == std::string_view::npos)
    require(http_takes(input) == stays, "a request's text is UTF-8");
  auto clean = native::clean(input);
  require(is_utf8(clean), "an agent's text is UTF-8");
  if (input.size() <= native::max_text)
    require((clean == input) == right, "an agent's text stays if it is right");
}

} // namespace hearth::fuzz
