/// The table of all routes, and the handler of each.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/core/message.hpp"
#include "http/core/request_head.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// Answers a request, at once or later. If it throws, the exception makes the
/// answer.
using handler = void (*)(const route_env&, const exchange_ptr&);

struct route {
  method verb;
  std::string_view pattern; ///< `*` stands for one segment
  handler run;
  conf::permissions needs;
  bool upload = false; ///< takes bodies up to `max_upload`
};

/// Returns all routes.
std::span<const route> routes() noexcept;

/// Whether a decoded path matches a pattern.
bool matches(std::string_view pattern, const std::vector<std::string>& path);

/// What the table says about a request whose head has arrived.
struct head_verdict {
  std::optional<response> refused; ///< the answer, if the body is not needed
  const route* to = nullptr;
  std::size_t body_limit = 0; ///< bytes
};

/// Finds the route of a request whose body has not arrived yet. 404, 405 and
/// 413 do not need the body. Never throws.
head_verdict examine(const route_env& e, const request_head& head) noexcept;

/// Finds the route for the request and runs it; answers 404, 405, 413 and
/// preflights itself. Never throws.
void dispatch(const route_env& e, const exchange_ptr& call) noexcept;

// -- binaries --

void list_binaries(const route_env& e, const exchange_ptr& call);
void get_binary(const route_env& e, const exchange_ptr& call);
void post_binary(const route_env& e, const exchange_ptr& call);
void delete_binary(const route_env& e, const exchange_ptr& call);
void list_jars(const route_env& e, const exchange_ptr& call);
void post_jar(const route_env& e, const exchange_ptr& call);

// -- contexts --

void list_contexts(const route_env& e, const exchange_ptr& call);
void get_context(const route_env& e, const exchange_ptr& call);
void get_context_history(const route_env& e, const exchange_ptr& call);
void post_context(const route_env& e, const exchange_ptr& call);
void delete_context(const route_env& e, const exchange_ptr& call);
void restart_context(const route_env& e, const exchange_ptr& call);
void reset_contexts(const route_env& e, const exchange_ptr& call);

// -- jobs --

void list_jobs(const route_env& e, const exchange_ptr& call);
void post_job(const route_env& e, const exchange_ptr& call);
void get_job(const route_env& e, const exchange_ptr& call);
void get_job_history(const route_env& e, const exchange_ptr& call);
void get_job_config(const route_env& e, const exchange_ptr& call);
void delete_job(const route_env& e, const exchange_ptr& call);

// -- watching --

void get_context_logs(const route_env& e, const exchange_ptr& call);
void get_job_logs(const route_env& e, const exchange_ptr& call);
void get_job_progress(const route_env& e, const exchange_ptr& call);

// -- data files --

void list_data(const route_env& e, const exchange_ptr& call);
void post_data(const route_env& e, const exchange_ptr& call);
void delete_data(const route_env& e, const exchange_ptr& call);
void reset_data(const route_env& e, const exchange_ptr& call);

// -- the server itself --

void get_health(const route_env& e, const exchange_ptr& call);
void get_metrics(const route_env& e, const exchange_ptr& call);
void get_actors(const route_env& e, const exchange_ptr& call);
void get_page(const route_env& e, const exchange_ptr& call);

} // namespace hearth::http
