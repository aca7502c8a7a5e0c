#include <caf/send.hpp>

#include "actors/api/messages.hpp"
#include "actors/api/request_digest.hpp"
#include "http/core/json.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/context_settings.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

context_request read_request(const route_env& e, const request& in) {
  context_request result;
  result.name = in.path[1];
  result.key = own_key(e, in);
  result.settings = read_context_settings(e, in);
  if (!result.key.empty() && in.body.size() >= large_text)
    result.digest = digest_of(result);
  return result;
}

} // namespace

void list_contexts(const route_env& e, const exchange_ptr& call) {
  ask<std::vector<std::string>>(
    e, call,
    [supervisor = e.actors.supervisor, wait = e.wait.lookup](auto* self) {
      return self->request(supervisor, wait, atom::list_v);
    },
    [](const std::vector<std::string>& names) {
      return with_json(json::names(names));
    });
}

void get_context(const route_env& e, const exchange_ptr& call) {
  ask<context_record>(
    e, call,
    [name = checked_name(call->in.path[1]), supervisor = e.actors.supervisor,
     wait = e.wait.lookup](auto* self) {
      return self->request(supervisor, wait, atom::get_v, name);
    },
    [](const context_record& found) {
      return with_json(json::context_info(found));
    });
}

void get_context_history(const route_env& e, const exchange_ptr& call) {
  ask<state_history>(
    e, call,
    [name = checked_name(call->in.path[1]), store = e.actors.store,
     wait = e.wait.lookup](auto* self) {
      return self->request(store, wait, atom::history_v, atom::by_name_v, name);
    },
    [](const state_history& all) { return with_json(json::history(all)); });
}

namespace {

void create_context(const route_env& e, const exchange_ptr& call,
                    context_request&& request) {
  // Shared: it is large, and moves from hand to hand.
  auto wanted = std::make_shared<context_request>(std::move(request));
  ask<context_record>(
    e, call,
    [wanted = std::move(wanted), supervisor = e.actors.supervisor,
     wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::create_v,
                           std::move(*wanted));
    },
    [](const context_record&) { return success("Context initialized"); },
    about::context);
}

} // namespace

void post_context(const route_env& e, const exchange_ptr& call) {
  checked_name(call->in.path[1]);
  if (call->in.body.size() < large_text)
    return create_context(e, call, read_request(e, call->in));
  run_large(e.helpers, call, "parse a body",
            [e, call] { create_context(e, call, read_request(e, call->in)); });
}

void delete_context(const route_env& e, const exchange_ptr& call) {
  ask<context_record>(
    e, call,
    [name = checked_name(call->in.path[1]),
     force = call->in.query.flag("force", false),
     supervisor = e.actors.supervisor, wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::stop_v, name, force);
    },
    [](const context_record&) { return success("Context stopped"); },
    about::context);
}

void restart_context(const route_env& e, const exchange_ptr& call) {
  auto jobs = call->in.query.get("jobs");
  if (!jobs.empty() && jobs != "wait" && jobs != "refuse")
    throw bad_request("The query parameter 'jobs' was malformed: '" + jobs
                      + "' is not one of wait, refuse");
  ask<context_record>(
    e, call,
    [name = checked_name(call->in.path[1]), hold = jobs != "refuse",
     supervisor = e.actors.supervisor, wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::restart_v, name, hold);
    },
    [](const context_record&) { return success("Context restarted"); },
    about::context);
}

void reset_contexts(const route_env& e, const exchange_ptr& call) {
  require_reboot(call->in.query);
  if (!call->in.query.flag("sync", true)) {
    caf::anon_send(e.actors.supervisor, atom::reset_v);
    return call->answer(success("Context reset requested"));
  }
  ask<atom::ok>(
    e, call,
    [supervisor = e.actors.supervisor, wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::reset_v);
    },
    [](atom::ok) { return success("Context reset"); }, about::context);
}

} // namespace hearth::http
