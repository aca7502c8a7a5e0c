#include "runtime/launch/spark_homes.hpp"

#include <optional>
#include <string.h>
#include <utility>

namespace hearth::launch {

namespace {

std::optional<spark_home> look_at(const std::string& path) {
  try {
    return inspect_spark_home(path);
  } catch (const launch_error&) {
    return std::nullopt;
  }
}

std::string without_patch(const std::string& version) {
  return version.substr(0, version.rfind('.'));
}

} // namespace

spark_homes::spark_homes(std::map<std::string, std::string> named,
                         std::string home, std::string default_name)
  : named_(std::move(named)), home_(std::move(home)),
    default_name_(std::move(default_name)) {
  // nop
}

spark_home spark_homes::default_one() const {
  if (auto i = named_.find(default_name_); i != named_.end())
    return inspect_spark_home(i->second);
  if (!home_.empty() || named_.empty())
    return inspect_spark_home(home_);
  std::optional<spark_home> newest;
  for (const auto& [name, path] : named_)
    if (auto x = look_at(path);
        x
        && (!newest
            || ::strverscmp(newest->version.c_str(), x->version.c_str()) < 0))
      newest = std::move(x);
  // If none of them is a Spark, the error is about the first one.
  return newest ? *newest : inspect_spark_home(named_.begin()->second);
}

spark_home spark_homes::find(const std::string& wanted) const {
  if (wanted.empty())
    return default_one();
  if (auto i = named_.find(wanted); i != named_.end())
    return inspect_spark_home(i->second);
  std::string known;
  auto add = [&](const std::string& text) {
    known += (known.empty() ? "" : ", ") + text;
  };
  for (const auto& [name, path] : named_) {
    auto x = look_at(path);
    if (x && x->version == wanted)
      return *x;
    add(x && x->version != name ? name + " (" + x->version + ")" : name);
  }
  if (auto x = look_at(home_)) {
    if (x->version == wanted || without_patch(x->version) == wanted)
      return *x;
    add(x->version);
  }
  throw unknown_version("there is no Spark " + wanted + " here ("
                        + spark_version_key + "); there "
                        + (known.empty() ? "is none" : "are: " + known));
}

} // namespace hearth::launch
