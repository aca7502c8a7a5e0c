/// Writes the JSON of answers. Only the sources json*.cpp use it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <rapidjson/writer.h>

#include "http/core/json.hpp"

namespace hearth::http::json {

/// A stream for RapidJSON that appends to a std::string. RapidJSON's own
/// buffers would need one more copy.
struct string_stream {
  using Ch = char;

  explicit string_stream(std::string& out) : out(out) {}

  void Put(char c) {
    out.push_back(c);
  }
  void Flush() {}

  std::string& out;
};

/// RapidJSON writes character by character. This writer appends as a whole any
/// text that is JSON already, and any text that needs no escaping, which most
/// do not.
class writer : public rapidjson::Writer<string_stream> {
public:
  using Writer::Writer;

  void raw(std::string_view json) {
    Prefix(rapidjson::kObjectType);
    os_->out += json;
    EndValue(true);
  }

  void text(std::string_view value) {
    auto is_odd = [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
    };
    if (std::any_of(value.begin(), value.end(), is_odd)) {
      String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
      return;
    }
    Prefix(rapidjson::kStringType);
    os_->out += '"';
    os_->out += value;
    os_->out += '"';
    EndValue(true);
  }
};

/// Returns the text that `fill` writes.
template <class Fill>
std::string written(Fill fill) {
  std::string result;
  result.reserve(256);
  string_stream stream{result};
  writer out{stream};
  fill(out);
  return result;
}

inline void text(writer& out, std::string_view value) {
  out.text(value);
}

inline void key(writer& out, std::string_view name) {
  out.text(name);
}

inline void field(writer& out, std::string_view name, std::string_view value) {
  key(out, name);
  text(out, value);
}

/// Why something failed.
inline void exception(writer& out, const problem& reason) {
  out.StartObject();
  field(out, "message", reason.message);
  field(out, "errorClass", reason.error_class);
  field(out, "stack", reason.stack);
  out.EndObject();
}

/// Writes since when something has its state, and its state version.
inline void version(writer& out, millis since, std::int64_t number) {
  field(out, "since", timestamp(since));
  out.Key("stateVersion");
  out.Int64(number);
}

} // namespace hearth::http::json
