#include "actors/contexts/policy.hpp"

#include <string_view>
#include <utility>

#include "actors/api/error.hpp"
#include "conf/context_keys.hpp"
#include "conf/hocon.hpp"
#include "conf/keys.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth {

namespace {

caf::error wrong(const std::string& key, const std::string& value,
                 const std::string& right) {
  return make_error(ec::bad_request, "the setting " + key + " = " + value
                                       + " makes no sense: " + right);
}

constexpr std::string_view init_prefix = "init-job.";
constexpr std::string_view init_config = "init-job.config";

/// The settings that hold lists of binaries and URIs.
constexpr const char* lists[] = {"dependent-jar-uris", "cp", "init-job.cp"};

/// The path of a setting, with quotes for HOCON.
std::string quoted(std::string_view path) {
  std::string result = "\"";
  for (auto c : path)
    if (c == '.')
      result += "\".\"";
    else if (c == '"' || c == '\\')
      result.append({'\\', c});
    else
      result += c;
  return result + '"';
}

/// `init-job.config`, a JSON object or HOCON as one text, or the settings below
/// it. @throws conf::parse_error
std::string init_config_of(const settings_map& settings) {
  if (auto i = settings.find(std::string{init_config}); i != settings.end())
    return conf::to_json(i->second.text);
  std::string hocon;
  for (auto& [key, value] : settings) {
    if (!key.starts_with(init_config) || key.size() <= init_config.size() + 1
        || key[init_config.size()] != '.')
      continue;
    hocon += quoted(std::string_view{key}.substr(init_config.size() + 1));
    hocon += " = " + protocol::to_json(value) + "\n";
  }
  return conf::to_json(hocon);
}

caf::expected<std::shared_ptr<const job_request>>
init_job_of(const settings_map& settings) {
  auto first = settings.lower_bound(std::string{init_prefix});
  if (first == settings.end() || !first->first.starts_with(init_prefix))
    return std::shared_ptr<const job_request>{};
  auto result = std::make_shared<job_request>();
  auto value = [&](const char* key) {
    auto i = settings.find(std::string{init_prefix} + key);
    return i == settings.end() ? setting{} : i->second;
  };
  result->main_class = value("mainClass").text;
  result->binaries = *list_of(value("cp"));
  if (result->main_class.empty() || result->binaries.empty())
    return make_error(ec::bad_request,
                      "an init-job needs init-job.mainClass and init-job.cp");
  try {
    result->config = init_config_of(settings);
  } catch (const conf::parse_error& e) {
    return make_error(ec::bad_request,
                      std::string{"init-job.config does not parse: "}
                        + e.what());
  }
  // Only the context waits for the init job, and it has a time-out of its own.
  result->sync = true;
  result->timeout_ms
    = std::chrono::milliseconds{std::chrono::hours{24 * 365}}.count();
  return std::shared_ptr<const job_request>{result};
}

} // namespace

caf::expected<context_policy> policy_of(const context_policy& defaults,
                                        const settings_map& settings) {
  for (auto* key : lists)
    if (auto i = settings.find(key); i != settings.end() && !list_of(i->second))
      return wrong(key, i->second.text,
                   "a list of texts, or one text with commas, is right");
  conf::settings all;
  all.contexts = defaults;
  for (auto& [name, key] : conf::context_overrides())
    if (auto i = settings.find(std::string{name}); i != settings.end()) {
      const auto* form = conf::find_key(key);
      if (!form->set(all, i->second.text))
        return wrong(i->first, i->second.text,
                     std::string{form->form} + " is right");
    }
  auto result = defaults;
  static_cast<conf::context_limits&>(result) = all.contexts;
  auto factory = settings.find("context-factory");
  result.streaming
    = factory != settings.end()
      && factory->second.text.ends_with("StreamingContextFactory");
  if (result.streaming && settings.count("stop-context-on-job-error") == 0)
    result.stop_on_job_error = true;
  auto init = init_job_of(settings);
  if (!init)
    return std::move(init.error());
  result.init_job = std::move(*init);
  return result;
}

std::vector<std::string> jars_of(const settings_map& settings) {
  std::vector<std::string> result;
  for (auto key : {"dependent-jar-uris", "cp"})
    if (auto i = settings.find(key); i != settings.end())
      for (auto& item : list_of(i->second).value_or(std::vector<std::string>{}))
        result.push_back(std::move(item));
  return result;
}

} // namespace hearth
