// The numbers of `/metricz`.

#include <map>
#include <utility>

#include "actors/api/messages.hpp"
#include "base/loop_watch.hpp"
#include "http/core/json_writer.hpp"

namespace hearth::http::json {

namespace {

/// One number or text, as the metrics of Dropwizard show it.
template <class Fill>
void entry(writer& out, std::string_view name, std::string_view type,
           Fill fill) {
  key(out, name);
  out.StartObject();
  field(out, "type", type);
  out.Key("value");
  fill();
  out.EndObject();
}

void gauge(writer& out, std::string_view name, std::uint64_t value) {
  entry(out, name, "gauge", [&] { out.Uint64(value); });
}

void gauge(writer& out, std::string_view name, std::string_view value) {
  entry(out, name, "gauge", [&] { text(out, value); });
}

/// What kept the thread for sockets and actors for long.
void one_kind(writer& out, const char* name, const loop_watch::numbers& work) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  auto time = duration_cast<microseconds>(work.longest).count();
  key(out, name);
  out.StartObject();
  gauge(out, "longest-us", static_cast<std::uint64_t>(time));
  gauge(out, "longest-name", work.name);
  gauge(out, "over-1-ms", work.over_limit);
  out.EndObject();
}

void loop(writer& out, const loop_watch& watch) {
  one_kind(out, "hearth.loop.handlers", watch.handlers.get());
  one_kind(out, "hearth.loop.turns", watch.turns.get());
  for (const auto& [name, work] : watch.large()) {
    key(out, "hearth.large-work." + name);
    out.StartObject();
    gauge(out, "on-loop", work.on_loop);
    gauge(out, "elsewhere", work.elsewhere);
    out.EndObject();
  }
}

} // namespace

std::string metrics(const std::vector<actor_status>& lines,
                    const loop_watch& watch, std::uint64_t dropped_log_lines) {
  // kind of actor -> how many, and how many messages wait for them
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> kinds{
    {"context", {}}, {"job", {}}};
  for (const auto& line : lines) {
    ++kinds[line.name].first;
    kinds[line.name].second += line.mailbox;
  }
  return written([&](writer& out) {
    out.StartObject();
    for (const auto& [name, numbers] : kinds) {
      key(out, "hearth." + name);
      out.StartObject();
      gauge(out, "live", numbers.first);
      gauge(out, "waiting-messages", numbers.second);
      out.EndObject();
    }
    loop(out, watch);
    key(out, "hearth.log");
    out.StartObject();
    gauge(out, "dropped-lines", dropped_log_lines);
    out.EndObject();
    out.EndObject();
  });
}

} // namespace hearth::http::json
