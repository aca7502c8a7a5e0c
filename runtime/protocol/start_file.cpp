#include "runtime/protocol/start_file.hpp"

#include <rapidjson/document.h>
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

void get(const rapidjson::Value& x, const char* key, std::int64_t& to) {
  if (!x.IsInt64())
    wrong(key);
  to = x.GetInt64();
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

template <class T>
void read(const rapidjson::Document& from, const char* key, T& to) {
  auto i = from.FindMember(key);
  if (i != from.MemberEnd())
    get(i->value, key, to);
}

} // namespace

start_file parse_start_file(std::string_view json) {
  rapidjson::Document from;
  from.Parse(json.data(), json.size());
  if (from.HasParseError() || !from.IsObject())
    throw protocol_error("start file: no JSON object");
  start_file result;
  read(from, "contextId", result.context_id);
  read(from, "contextName", result.context_name);
  read(from, "token", result.token);
  read(from, "endpointFile", result.endpoint_file);
  read(from, "endpointSocket", result.endpoint_socket);
  read(from, "contextFactory", result.context_factory);
  read(from, "settings", result.settings);
  read(from, "sparkConf", result.spark_conf);
  read(from, "hadoopConf", result.hadoop_conf);
  read(from, "jars", result.jars);
  read(from, "orphanTimeoutMs", result.orphan_timeout_ms);
  read(from, "heartbeatMs", result.heartbeat_ms);
  return result;
}

std::map<std::string, std::string> parse_settings(std::string_view json) {
  rapidjson::Document from;
  from.Parse(json.data(), json.size());
  if (from.HasParseError())
    throw protocol_error("settings: no JSON");
  std::map<std::string, std::string> result;
  get(from, "settings", result);
  return result;
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
  out.Key("orphanTimeoutMs");
  out.Int64(x.orphan_timeout_ms);
  out.Key("heartbeatMs");
  out.Int64(x.heartbeat_ms);
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string to_json(const std::map<std::string, std::string>& x) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  put(out, x);
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace hearth::protocol
