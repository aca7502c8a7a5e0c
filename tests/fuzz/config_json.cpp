// The reader that jobs have for their configuration takes all JSON that the
// server lets through, and finds the same in it as RapidJSON does.

#include <hearth/config.hpp>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

using detail::json_kind;
using detail::node;

void check_text(const node& x, const rapidjson::Value& y) {
  require(x.kind == json_kind::string, "a text is one");
  require_equal(x.text, {y.GetString(), y.GetStringLength()},
                "texts are the same");
}

void check_same(const node& x, const rapidjson::Value& y) {
  if (y.IsObject() || y.IsArray()) {
    require(x.kind == (y.IsObject() ? json_kind::object : json_kind::array),
            "the same kind");
    auto size = y.IsObject() ? y.MemberCount() : y.Size();
    require(x.members.size() == size, "as many members");
    for (rapidjson::SizeType i = 0; i < size; ++i) {
      if (y.IsArray()) {
        check_same(x.members[i].value, y[i]);
        continue;
      }
      auto member = y.MemberBegin() + static_cast<std::ptrdiff_t>(i);
      require_equal(x.members[i].key,
                    {member->name.GetString(), member->name.GetStringLength()},
                    "the same keys");
      check_same(x.members[i].value, member->value);
    }
  } else if (y.IsString()) {
    check_text(x, y);
  } else {
    require(y.IsNull() == (x.kind == json_kind::null)
              && y.IsBool() == (x.kind == json_kind::boolean)
              && y.IsNumber() == (x.kind == json_kind::number),
            "the same kind of scalar");
  }
}

/// Escapes make no text one that is no UTF-8.
void check_texts(const node& x) {
  require(is_utf8(x.text), "a text is UTF-8");
  for (const auto& [key, value] : x.members) {
    require(is_utf8(key), "a key is UTF-8");
    check_texts(value);
  }
}

/// Reads everything as everything.
void use(const config& x, std::string_view path) {
  auto attempt = [](auto read) {
    try {
      read();
    } catch (const config_error&) {
      // It is of another type.
    }
  };
  attempt([&] { x.get<std::string>(path); });
  attempt([&] { x.get<int>(path); });
  attempt([&] { x.get<std::uint64_t>(path); });
  attempt([&] { x.get<double>(path); });
  attempt([&] { x.get<bool>(path); });
  attempt([&] { x.get<std::vector<config>>(path); });
  x.has(path);
}

/// Half a character, as an escape, gets through RapidJSON but not the server.
bool is_whole(const rapidjson::Value& x) {
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>,
                    rapidjson::UTF8<>, rapidjson::CrtAllocator,
                    rapidjson::kWriteValidateEncodingFlag>
    writer{out};
  return x.Accept(writer);
}

int depth_of(std::string_view json) {
  int result = 0;
  for (auto c : json)
    result += c == '{' || c == '[' ? 1 : 0;
  return result;
}

} // namespace

void one(std::string_view input) {
  auto path = take(input);
  rapidjson::Document expected;
  expected.Parse<rapidjson::kParseIterativeFlag
                 | rapidjson::kParseValidateEncodingFlag>(input.data(),
                                                          input.size());
  auto right
    = is_json(input) && !expected.HasParseError() && is_whole(expected);
  try {
    auto found = detail::parse_json(input);
    if (right)
      check_same(found, expected);
    if (is_utf8(input))
      check_texts(found);
  } catch (const std::invalid_argument& e) {
    require(!right || depth_of(input) > 512, e.what());
  }
  try {
    config x{input};
    use(x, path);
    for (const auto& key : x.keys())
      use(x, key);
  } catch (const config_error&) {
    // No JSON.
  }
}

} // namespace hearth::fuzz
