/// The file from which a new agent learns which context it runs, and with which
/// settings. The server writes it; README.md lists its keys.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.hpp"
#include "runtime/protocol/messages.hpp"

namespace hearth::protocol {

struct start_file {
  std::string context_id;
  std::string context_name;
  std::string token;
  std::string endpoint_file;
  std::string endpoint_socket;
  std::string context_factory;
  settings_map settings;
  std::map<std::string, std::string> spark_conf;
  std::map<std::string, std::string> hadoop_conf;
  std::vector<std::string> jars;
  std::string python_agent; ///< "" unless Spark jobs are written in Python
  std::int64_t orphan_timeout_ms = 0;
  std::int64_t heartbeat_ms = 0;
};

std::string to_json(const start_file& x);

/// Reads a start file. Unknown keys are ignored, and missing keys leave the
/// defaults.
/// @throws protocol_error if the text is not of that form
start_file parse_start_file(std::string_view json);

/// Reads settings that `to_json` wrote.
/// @throws protocol_error
settings_map parse_settings(std::string_view json);

/// Writes settings as one JSON object, flat, with the types of the values.
std::string to_json(const settings_map& x);

/// Writes one setting as JSON.
std::string to_json(const setting& x);

} // namespace hearth::protocol
