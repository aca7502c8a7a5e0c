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

/// A context's settings pass through several hands on the thread that everybody
/// waits for.
constexpr std::size_t most_settings = 2000;
constexpr std::size_t most_settings_size = 256 * 1024; ///< bytes

void check_size(const conf::settings_map& settings) {
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

/// Settings of query and body; the body's win.
conf::settings_map read_settings(const route_env& e, const request& in) {
  conf::settings_map result;
  if (in.body.find_first_not_of(" \t\r\n") != std::string_view::npos)
    result = block_of(e.parse.to_settings(in.body));
  for (const auto& [key, value] : in.query)
    if (&value == in.query.find(key))
      result.emplace(key, value);
  check_size(result);
  return result;
}

context_request read_request(const route_env& e, const request& in) {
  context_request result;
  result.name = in.path[1];
  result.key = own_key(e, in);
  result.settings = read_settings(e, in);
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
