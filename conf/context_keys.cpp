#include "conf/context_keys.hpp"

#include <algorithm>
#include <array>

namespace hearth::conf {

namespace {

constexpr context_override overrides[] = {
  {"max-jobs-per-context", "spark.jobserver.max-jobs-per-context"},
  {"context-init-timeout", "spark.jobserver.context-init-timeout"},
  {"stop-context-on-job-error", "spark.jobserver.stop-context-on-job-error"},
  {"kill-timeout", "hearth.contexts.kill-timeout"},
  {"kill-escalation", "hearth.contexts.kill-escalation"},
  {"restart", "hearth.contexts.restart"},
  {"restart-limit", "hearth.contexts.restart-limit"},
  {"restart-window", "hearth.contexts.restart-window"},
  {"restart-backoff", "hearth.contexts.restart-backoff"},
  {"restart-max-backoff", "hearth.contexts.restart-max-backoff"},
  {"restart-good-run", "hearth.contexts.restart-good-run"},
  {"jobs-while-restarting", "hearth.contexts.jobs-while-restarting"},
  {"restart-wait", "hearth.contexts.restart-wait"},
  {"restart-queue", "hearth.contexts.restart-queue"},
  {"queue", "hearth.contexts.queue"},
  {"max-queue", "hearth.contexts.max-queue"},
  {"max-wait", "hearth.contexts.max-wait"},
  {"reconcile", "hearth.contexts.reconcile"},
  {"idle-timeout", "hearth.contexts.idle-timeout"},
  {"max-lifetime", "hearth.contexts.max-lifetime"},
};

constexpr std::array<std::string_view, 7> names{
  "context-factory", "dependent-jar-uris", "isolate", "mem-per-node",
  "memory-per-node", "num-cpu-cores",      "workers"};

constexpr std::array<std::string_view, 7> prefixes{
  "spark.",  "passthrough.", "hadoop.",  "launcher.",
  "python.", "streaming.",   "init-job."};

} // namespace

std::span<const context_override> context_overrides() {
  return overrides;
}

bool is_context_setting(std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end()
         || std::any_of(prefixes.begin(), prefixes.end(),
                        [&](auto x) { return name.starts_with(x); })
         || std::any_of(std::begin(overrides), std::end(overrides),
                        [&](auto& x) { return name == x.name; });
}

} // namespace hearth::conf
