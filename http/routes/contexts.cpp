#include <caf/send.hpp>

#include "actors/api/messages.hpp"
#include "actors/api/request_digest.hpp"
#include "http/core/json.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

/// Returns the settings in a body: those of its block `spark.context-settings`,
/// or all settings if it has no such block.
conf::settings_map block_of(conf::settings_map all) {
  constexpr std::string_view prefix = "spark.context-settings.";
  conf::settings_map block;
  for (auto i = all.lower_bound(std::string{prefix});
       i != all.end() && i->first.starts_with(prefix); ++i)
    block.emplace(i->first.substr(prefix.size()), i->second);
  auto empty_block = all.count("spark.context-settings") > 0;
  return block.empty() && !empty_block ? std::move(all) : block;
}

/// Settings of query and body; the body's win.
context_request read_request(const route_env& e, const request& in) {
  context_request result;
  result.name = in.path[1];
  result.key = own_key(e, in);
  if (in.body.find_first_not_of(" \t\r\n") != std::string_view::npos)
    result.settings = block_of(e.parse.to_settings(in.body));
  for (const auto& [key, value] : in.query)
    if (&value == in.query.find(key))
      result.settings.emplace(key, value);
  if (!result.key.empty() && in.body.size() >= large_text)
    result.digest = digest_of(result);
  return result;
}

} // namespace

void list_contexts(const route_env& e, const exchange_ptr& x) {
  ask<std::vector<std::string>>(
    e, x,
    [supervisor = e.actors.supervisor, wait = e.wait.lookup](auto* self) {
      return self->request(supervisor, wait, atom::list_v);
    },
    [](const std::vector<std::string>& xs) {
      return with_json(json::names(xs));
    });
}

void get_context(const route_env& e, const exchange_ptr& x) {
  ask<context_record>(
    e, x,
    [name = checked_name(x->in.path[1]), supervisor = e.actors.supervisor,
     wait = e.wait.lookup](auto* self) {
      return self->request(supervisor, wait, atom::get_v, name);
    },
    [](const context_record& found) {
      return with_json(json::context_info(found));
    });
}

void get_context_history(const route_env& e, const exchange_ptr& x) {
  ask<state_history>(
    e, x,
    [name = checked_name(x->in.path[1]), store = e.actors.store,
     wait = e.wait.lookup](auto* self) {
      return self->request(store, wait, atom::history_v, atom::by_name_v, name);
    },
    [](const state_history& all) { return with_json(json::history(all)); });
}

namespace {

void create_context(const route_env& e, const exchange_ptr& x,
                    context_request wanted) {
  ask<context_record>(
    e, x,
    [wanted = std::move(wanted), supervisor = e.actors.supervisor,
     wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::create_v, wanted);
    },
    [](const context_record&) { return success("Context initialized"); },
    about::context);
}

} // namespace

void post_context(const route_env& e, const exchange_ptr& x) {
  checked_name(x->in.path[1]);
  if (x->in.body.size() < large_text)
    return create_context(e, x, read_request(e, x->in));
  run_large(e.helpers, x, "parse a body",
            [e, x] { create_context(e, x, read_request(e, x->in)); });
}

void delete_context(const route_env& e, const exchange_ptr& x) {
  ask<context_record>(
    e, x,
    [name = checked_name(x->in.path[1]),
     force = x->in.query.flag("force", false), supervisor = e.actors.supervisor,
     wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::stop_v, name, force);
    },
    [](const context_record&) { return success("Context stopped"); },
    about::context);
}

void restart_context(const route_env& e, const exchange_ptr& x) {
  auto jobs = x->in.query.get("jobs");
  if (!jobs.empty() && jobs != "wait" && jobs != "refuse")
    throw bad_request("The query parameter 'jobs' was malformed: '" + jobs
                      + "' is not one of wait, refuse");
  ask<context_record>(
    e, x,
    [name = checked_name(x->in.path[1]), hold = jobs != "refuse",
     supervisor = e.actors.supervisor, wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::restart_v, name, hold);
    },
    [](const context_record&) { return success("Context restarted"); },
    about::context);
}

void reset_contexts(const route_env& e, const exchange_ptr& x) {
  require_reboot(x->in.query);
  if (!x->in.query.flag("sync", true)) {
    caf::anon_send(e.actors.supervisor, atom::reset_v);
    return x->answer(success("Context reset requested"));
  }
  ask<atom::ok>(
    e, x,
    [supervisor = e.actors.supervisor, wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::reset_v);
    },
    [](atom::ok) { return success("Context reset"); }, about::context);
}

} // namespace hearth::http
