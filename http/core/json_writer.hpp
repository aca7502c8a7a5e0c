/// How the JSON of an answer is written.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <rapidjson/writer.h>

#include "http/core/json.hpp"

namespace hearth::http::json {

/// Appends to a std::string; RapidJSON's own buffers would be one more copy.
struct string_stream {
  using Ch = char;

  explicit string_stream(std::string& out) : out(out) {}

  void Put(char c) {
    out.push_back(c);
  }
  void Flush() {}

  std::string& out;
};

/// RapidJSON writes character by character. What is JSON already, and texts
/// without anything to escape, which most are, go in as a whole.
class writer : public rapidjson::Writer<string_stream> {
public:
  using Writer::Writer;

  void raw(std::string_view json) {
    Prefix(rapidjson::kObjectType);
    os_->out += json;
    EndValue(true);
  }

  void text(std::string_view x) {
    auto is_odd = [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
    };
    if (std::any_of(x.begin(), x.end(), is_odd)) {
      String(x.data(), static_cast<rapidjson::SizeType>(x.size()));
      return;
    }
    Prefix(rapidjson::kStringType);
    os_->out += '"';
    os_->out += x;
    os_->out += '"';
    EndValue(true);
  }
};

/// The text that `fill` writes.
template <class Fill>
std::string written(Fill fill) {
  std::string result;
  result.reserve(256);
  string_stream stream{result};
  writer out{stream};
  fill(out);
  return result;
}

inline void text(writer& out, std::string_view x) {
  out.text(x);
}

inline void key(writer& out, std::string_view x) {
  out.text(x);
}

inline void field(writer& out, std::string_view name, std::string_view value) {
  key(out, name);
  text(out, value);
}

/// Why something failed.
inline void exception(writer& out, const problem& x) {
  out.StartObject();
  field(out, "message", x.message);
  field(out, "errorClass", x.error_class);
  field(out, "stack", x.stack);
  out.EndObject();
}

/// Since when something is in its state, and how many it has had.
inline void version(writer& out, millis since, std::int64_t number) {
  field(out, "since", timestamp(since));
  out.Key("stateVersion");
  out.Int64(number);
}

} // namespace hearth::http::json
