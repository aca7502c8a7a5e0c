#include "runtime/protocol/start_file.hpp"

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

} // namespace

std::string to_json(const start_file& x) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  out.StartObject();
  put(out, "contextId", x.context_id);
  put(out, "contextName", x.context_name);
  put(out, "token", x.token);
  put(out, "endpointFile", x.endpoint_file);
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

std::string to_json(const std::vector<binary_ref>& xs) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  out.StartArray();
  for (auto& x : xs) {
    out.StartObject();
    put(out, "name", x.name);
    put(out, "digest", x.digest);
    out.EndObject();
  }
  out.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace hearth::protocol
