#include <functional>
#include <memory>

#include <spdlog/async.h>

#include "actors/api/messages.hpp"
#include "http/core/json.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

using statuses = std::vector<actor_status>;

/// Asks the roots how they are and collects what they say.
struct census : std::enable_shared_from_this<census> {
  std::function<response(const census&)> render;
  exchange_ptr x;
  std::shared_ptr<workers> helpers;
  statuses found;
  bool complete = true; ///< all of them answered
  int open = 0;

  void add(const statuses& xs) {
    found.insert(found.end(), xs.begin(), xs.end());
    done();
  }

  /// Shows that root as one that does not answer.
  void miss(const char* root) {
    actor_status silent;
    silent.name = root;
    silent.state = "does not answer";
    found.push_back(std::move(silent));
    complete = false;
    done();
  }

  void done() {
    if (--open > 0)
      return;
    if (!is_large(found))
      return x->answer(render(*this));
    run_large(helpers, x, "render an answer", [self = shared_from_this()] {
      self->x->answer(self->render(*self));
    });
  }
};

void take_census(const route_env& e, const exchange_ptr& x,
                 std::function<response(const census&)> render) {
  auto all = std::make_shared<census>();
  all->render = std::move(render);
  all->x = x;
  all->helpers = e.helpers;
  auto run = [all, roots = e.actors,
              wait = e.wait.health](caf::event_based_actor* self) {
    auto count = [&](const auto& root, const char* name) {
      ++all->open;
      self->request(root, wait, atom::status_v)
        .then([all](const statuses& xs) { all->add(xs); },
              [all, name](const caf::error&) { all->miss(name); });
    };
    count(roots.supervisor, "supervisor");
    count(roots.binaries, "binaries");
    count(roots.store, "store");
    count(roots.data, "data");
    count(roots.results, "results");
    count(roots.callbacks, "callbacks");
    count(roots.progress, "progress");
    count(roots.logs, "logs");
    if (roots.access)
      count(roots.access, "access");
  };
  e.system.spawn(std::move(run));
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

void get_health(const route_env& e, const exchange_ptr& x) {
  take_census(e, x, [](const census& all) {
    return all.complete
             ? success()
             : http_failure(500, "a part of the server does not answer");
  });
}

void get_metrics(const route_env& e, const exchange_ptr& x) {
  take_census(e, x, [](const census& all) {
    auto log = spdlog::thread_pool();
    return with_json(json::metrics(all.found, the_loop_watch(),
                                   log ? log->overrun_counter() : 0));
  });
}

void get_actors(const route_env& e, const exchange_ptr& x) {
  take_census(
    e, x, [](const census& all) { return with_json(json::actors(all.found)); });
}

void get_page(const route_env&, const exchange_ptr& x) {
  response result;
  result.body = page;
  result.content_type = "text/html; charset=UTF-8";
  x->answer(std::move(result));
}

} // namespace hearth::http
