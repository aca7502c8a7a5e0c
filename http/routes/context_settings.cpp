#include "http/routes/context_settings.hpp"

#include <string>

#include "http/core/json.hpp"
#include "http/core/query.hpp"

namespace hearth::http {

namespace {

constexpr std::string_view block = "spark.context-settings";

/// A context's settings pass through several hands on the thread that everybody
/// waits for.
constexpr std::size_t most_settings = 2000;
constexpr std::size_t most_settings_size = 256 * 1024; ///< bytes

void check_size(const settings_map& settings) {
  std::size_t size = 0;
  for (const auto& [key, value] : settings)
    size += key.size() + value.text.size();
  if (settings.size() <= most_settings && size <= most_settings_size)
    return;
  throw bad_request(
    "a context may have at most " + std::to_string(most_settings)
    + " settings with " + std::to_string(most_settings_size)
    + " bytes in all, and these are " + std::to_string(settings.size())
    + " with " + std::to_string(size) + " bytes");
}

/// The settings of a body, in its block and beside it.
struct body_settings {
  bool has_block = false;
  settings_map in_block;
  settings_map beside;
};

body_settings split(settings_map all) {
  body_settings result;
  auto prefix = std::string{block} + '.';
  while (!all.empty()) {
    auto node = all.extract(all.begin());
    if (node.key() == block) {
      if (node.mapped() != setting::json("{}"))
        throw bad_request(std::string{block} + " must be an object { ... }");
      result.has_block = true;
    } else if (node.key().starts_with(prefix)) {
      result.has_block = true;
      result.in_block.emplace(node.key().substr(prefix.size()),
                              std::move(node.mapped()));
    } else {
      result.beside.insert(std::move(node));
    }
  }
  return result;
}

/// Names a few of the keys.
std::string names_of(const settings_map& settings) {
  constexpr std::size_t most = 5;
  std::string result;
  std::size_t n = 0;
  for (const auto& [key, value] : settings) {
    if (n++ == most)
      return result + ", ...";
    result += (result.empty() ? "" : ", ") + key;
  }
  return result;
}

} // namespace

settings_map read_context_settings(const route_env& e, const request& in) {
  settings_map result;
  if (in.body.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    auto all = split(e.parse.to_settings(in.body));
    if (all.has_block && !all.beside.empty())
      throw bad_request("the body has a block spark.context-settings, and "
                        "settings beside it that would have no effect: "
                        + names_of(all.beside)
                        + "; they belong into the block");
    result = std::move(all.has_block ? all.in_block : all.beside);
  }
  for (const auto& [key, value] : in.query)
    if (&value == in.query.find(key))
      result.emplace(key, value);
  check_size(result);
  return result;
}

void add_job_block(const route_env& e, const request& in, job_request& job) {
  // Most jobs have none, and are not parsed a second time.
  if (!json::may_have_member(job.config.text(), "context-settings"))
    return;
  // HOCON is read as it was sent: as JSON it has lost values of paths that go
  // on. JSON may be larger than HOCON may.
  auto body = in.body == job.config.text()
                ? json::members_below(job.config, "spark")
                : std::string{in.body};
  auto& to = job.settings;
  for (auto& [key, value] : split(e.parse.to_settings(body)).in_block)
    to.insert_or_assign(key, std::move(value));
  check_size(to);
}

} // namespace hearth::http
