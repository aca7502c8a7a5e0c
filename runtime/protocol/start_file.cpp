#include "runtime/protocol/start_file.hpp"

#include <charconv>

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace hearth::protocol {

namespace {

using writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(writer& out, const std::string& x) {
  out.String(x.data(), static_cast<rapidjson::SizeType>(x.size()));
}

void put(writer& out, const std::map<std::string, std::string>& xs) {
  out.StartObject();
  for (auto& [key, value] : xs) {
    put(out, key);
    put(out, value);
  }
  out.EndObject();
}

void put(writer& out, const setting& x) {
  if (x.is_json)
    out.RawValue(x.text.data(), x.text.size(), rapidjson::kObjectType);
  else
    put(out, x.text);
}

void put(writer& out, const settings_map& xs) {
  out.StartObject();
  for (auto& [key, value] : xs) {
    put(out, key);
    put(out, value);
  }
  out.EndObject();
}

template <class T>
void put(writer& out, const char* key, const T& x) {
  out.Key(key);
  put(out, x);
}

[[noreturn]] void wrong(const char* key) {
  throw protocol_error(std::string{"start file: wrong type of key '"} + key
                       + "'");
}

void get(const rapidjson::Value& x, const char* key, std::string& to) {
  if (!x.IsString())
    wrong(key);
  to.assign(x.GetString(), x.GetStringLength());
}

/// Numbers are read as they were written, see `flags`.
void get(const rapidjson::Value& x, const char* key, std::int64_t& to) {
  if (!x.IsString())
    wrong(key);
  auto* end = x.GetString() + x.GetStringLength();
  auto [last, error] = std::from_chars(x.GetString(), end, to);
  if (error != std::errc{} || last != end)
    wrong(key);
}

void get(const rapidjson::Value& x, const char* key,
         std::map<std::string, std::string>& to) {
  if (!x.IsObject())
    wrong(key);
  for (auto& member : x.GetObject())
    get(member.value, key, to[member.name.GetString()]);
}

void get(const rapidjson::Value& x, const char* key,
         std::vector<std::string>& to) {
  if (!x.IsArray())
    wrong(key);
  for (auto& item : x.GetArray())
    get(item, key, to.emplace_back());
}

/// Some number has more digits than a double.
constexpr auto flags = rapidjson::kParseNumbersAsStringsFlag;

/// Finds the settings in a start file, and keeps the JSON of those that are no
/// texts.
class settings_reader
  : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, settings_reader> {
public:
  settings_map result;

  bool Null() {
    return add([&] { out_.Null(); });
  }

  bool Bool(bool x) {
    return add([&] { out_.Bool(x); });
  }

  bool RawNumber(const char* x, rapidjson::SizeType n, bool) {
    return add([&] { out_.RawValue(x, n, rapidjson::kNumberType); });
  }

  bool String(const char* x, rapidjson::SizeType n, bool) {
    if (depth_ == 2 && in_settings_)
      result[key_] = std::string{x, n};
    else if (depth_ > 2 && in_settings_)
      out_.String(x, n);
    return true;
  }

  bool Key(const char* x, rapidjson::SizeType n, bool) {
    std::string name{x, n};
    if (depth_ == 1)
      in_settings_ = name == "settings";
    else if (depth_ == 2)
      key_ = std::move(name);
    else if (in_settings_)
      out_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    return true;
  }

  bool StartObject() {
    return begin([&] { out_.StartObject(); });
  }

  bool EndObject(rapidjson::SizeType) {
    return end([&] { out_.EndObject(); });
  }

  bool StartArray() {
    return begin([&] { out_.StartArray(); });
  }

  bool EndArray(rapidjson::SizeType) {
    return end([&] { out_.EndArray(); });
  }

private:
  /// A value that is not a text.
  template <class F>
  bool add(F&& write) {
    if (!in_settings_ || depth_ < 2)
      return true;
    write();
    if (depth_ == 2)
      finish();
    return true;
  }

  template <class F>
  bool begin(F&& write) {
    if (++depth_ > 2 && in_settings_)
      write();
    return true;
  }

  template <class F>
  bool end(F&& write) {
    if (depth_ > 2 && in_settings_)
      write();
    if (--depth_ == 2 && in_settings_)
      finish();
    return true;
  }

  void finish() {
    result[key_] = setting::json({buffer_.GetString(), buffer_.GetSize()});
    buffer_.Clear();
    out_.Reset(buffer_);
  }

  int depth_ = 0;
  bool in_settings_ = false;
  std::string key_;
  rapidjson::StringBuffer buffer_;
  writer out_{buffer_};
};

/// The settings of a start file, whose form was looked at.
settings_map settings_in(const std::string& json) {
  settings_reader handler;
  rapidjson::MemoryStream in{json.data(), json.size()};
  rapidjson::Reader{}.Parse<flags>(in, handler);
  return std::move(handler.result);
}

template <class T>
void read(const rapidjson::Document& from, const char* key, T& to) {
  auto i = from.FindMember(key);
  if (i != from.MemberEnd())
    get(i->value, key, to);
}

} // namespace

start_file parse_start_file(std::string_view json) {
  rapidjson::Document from;
  from.Parse<flags>(json.data(), json.size());
  if (from.HasParseError() || !from.IsObject())
    throw protocol_error("start file: no JSON object");
  if (auto i = from.FindMember("settings");
      i != from.MemberEnd() && !i->value.IsObject())
    wrong("settings");
  start_file result;
  read(from, "contextId", result.context_id);
  read(from, "contextName", result.context_name);
  read(from, "token", result.token);
  read(from, "endpointFile", result.endpoint_file);
  read(from, "endpointSocket", result.endpoint_socket);
  read(from, "contextFactory", result.context_factory);
  result.settings = settings_in(std::string{json});
  read(from, "sparkConf", result.spark_conf);
  read(from, "hadoopConf", result.hadoop_conf);
  read(from, "jars", result.jars);
  read(from, "orphanTimeoutMs", result.orphan_timeout_ms);
  read(from, "heartbeatMs", result.heartbeat_ms);
  return result;
}

settings_map parse_settings(std::string_view json) {
  return parse_start_file("{\"settings\":" + std::string{json} + "}").settings;
}

std::string to_json(const start_file& x) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  out.StartObject();
  put(out, "contextId", x.context_id);
  put(out, "contextName", x.context_name);
  put(out, "token", x.token);
  put(out, "endpointFile", x.endpoint_file);
  put(out, "endpointSocket", x.endpoint_socket);
  put(out, "contextFactory", x.context_factory);
  put(out, "settings", x.settings);
  put(out, "sparkConf", x.spark_conf);
  put(out, "hadoopConf", x.hadoop_conf);
  out.Key("jars");
  out.StartArray();
  for (auto& jar : x.jars)
    put(out, jar);
  out.EndArray();
  if (!x.python_agent.empty())
    put(out, "pythonAgent", x.python_agent);
  out.Key("orphanTimeoutMs");
  out.Int64(x.orphan_timeout_ms);
  out.Key("heartbeatMs");
  out.Int64(x.heartbeat_ms);
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string to_json(const settings_map& x) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  put(out, x);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string to_json(const setting& x) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  put(out, x);
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace hearth::protocol
