// Settings of the command line go into any configuration that the server would
// take: the first line is `path=value`, the rest is the configuration. An
// address never shows its password.

#include <rapidjson/document.h>

#include "cli/address.hpp"
#include "cli/failure.hpp"
#include "cli/job_config.hpp"
#include "conf/hocon.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

void check_address(std::string_view text) {
  try {
    auto x = cli::read_address(text, "the option --server", "u:p");
    auto y = cli::read_address(x.url, "the same", "");
    require_equal(y.url, x.url, "an address reads as itself");
    require(y.user.empty() && y.password.empty(), "credentials are cut off");
  } catch (const cli::usage_error& e) {
    require_equal(e.what(),
                  std::string{"the option --server holds no address of a "
                              "server; one looks like "}
                    + cli::default_server,
                  "an error does not quote the address");
  }
}

bool is_config(const std::string& text) {
  try {
    conf::to_json(text);
    return true;
  } catch (const conf::parse_error&) {
    return false;
  }
}

void check_setting(const std::string& config) {
  auto json = conf::to_json(cli::with_settings(config, {"set.by.us=[1]"}));
  rapidjson::Document all;
  all.Parse<rapidjson::kParseIterativeFlag
            | rapidjson::kParseNumbersAsStringsFlag>(json);
  if (all.GetParseError() == rapidjson::kParseErrorNumberTooBig)
    return; // JSON has numbers that RapidJSON does not
  require(!all.HasParseError(), "settings are added to a configuration");
  const rapidjson::Value* at = &all;
  for (const auto* key : {"set", "by", "us"}) {
    // Of several members with one name the last one counts.
    const rapidjson::Value* next = nullptr;
    for (const auto& member : at->GetObject())
      if (member.name == key)
        next = &member.value;
    require(next && (key == std::string_view{"us"} || next->IsObject()),
            "a setting is there");
    at = next;
  }
  require(at->IsArray() && at->Size() == 1, "a setting wins");
}

} // namespace

void one(std::string_view input) {
  check_address(input.substr(0, input.find('\n')));
  std::string setting{take(input)};
  std::string config{input};
  try {
    cli::with_settings(config, {setting});
  } catch (const cli::usage_error& e) {
    require(setting.find('=') == std::string::npos || setting[0] == '=',
            e.what());
  }
  // The server's limits are above those of a fuzzer, but for depth.
  if (is_config(config) && config.size() < 4000)
    check_setting(config);
}

} // namespace hearth::fuzz
