#include <memory>

#include <spdlog/async.h>

#include "http/core/json.hpp"
#include "http/core/reply.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/health.hpp"
#include "http/routes/status_sweep.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

/// Asks every part for its status, and answers with what `render` returns.
template <class Render>
void answer_from_sweep(const route_env& e, const exchange_ptr& call,
                       Render render) {
  sweep_status(e, sweep_depth::contexts,
               [call, helpers = e.helpers, render](auto&& lines) {
                 answer_with(helpers, call, lines, render);
               });
}

constexpr std::string_view page = R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Hearth</title>
<style>body{font-family:sans-serif;max-width:40em;margin:3em auto}</style>
</head>
<body>
<h1>Hearth )" HEARTH_VERSION R"(</h1>
<p>A job server for Apache Spark: it keeps contexts warm and runs jobs in them
over REST.</p>
<ul>
<li><a href="/contexts">Contexts</a></li>
<li><a href="/jobs">Jobs</a></li>
<li><a href="/binaries">Binaries</a></li>
<li><a href="/admin/actors">Actors of this server</a></li>
<li><a href="/healthz">Health</a></li>
</ul>
</body>
</html>
)";

} // namespace

void get_health(const route_env& e, const exchange_ptr& call) {
  e.health->answer(e, call);
}

void get_metrics(const route_env& e, const exchange_ptr& call) {
  answer_from_sweep(e, call, [](const auto& lines) {
    auto log = spdlog::thread_pool();
    return with_json(
      json::metrics(lines, the_loop_watch(), log ? log->overrun_counter() : 0));
  });
}

void get_actors(const route_env& e, const exchange_ptr& call) {
  answer_from_sweep(
    e, call, [](const auto& lines) { return with_json(json::actors(lines)); });
}

void get_page(const route_env&, const exchange_ptr& call) {
  response result;
  result.body = page;
  result.content_type = "text/html; charset=UTF-8";
  call->answer(std::move(result));
}

} // namespace hearth::http
