/// The routes: one table, and a handler for each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/edge.hpp"
#include "http/message.hpp"

namespace hearth::http {

/// Answers, now or later. What it throws is answered too.
using handler = void (*)(const edge&, const exchange_ptr&);

struct route {
  method verb;
  std::string_view pattern; ///< `*` stands for one segment
  handler run;
  conf::permissions needs;
  bool upload = false; ///< takes bodies up to `max_upload`
};

/// All routes.
std::span<const route> routes() noexcept;

/// Whether a decoded path is one that `pattern` describes.
bool matches(std::string_view pattern, const std::vector<std::string>& path);

/// Finds the route for the request and runs it; answers 404, 405, 413 and
/// preflights itself. Never throws.
void dispatch(const edge& e, const exchange_ptr& x) noexcept;

// -- binaries --

void list_binaries(const edge& e, const exchange_ptr& x);
void get_binary(const edge& e, const exchange_ptr& x);
void post_binary(const edge& e, const exchange_ptr& x);
void delete_binary(const edge& e, const exchange_ptr& x);
void list_jars(const edge& e, const exchange_ptr& x);
void post_jar(const edge& e, const exchange_ptr& x);

// -- contexts --

void list_contexts(const edge& e, const exchange_ptr& x);
void get_context(const edge& e, const exchange_ptr& x);
void get_context_history(const edge& e, const exchange_ptr& x);
void post_context(const edge& e, const exchange_ptr& x);
void delete_context(const edge& e, const exchange_ptr& x);
void restart_context(const edge& e, const exchange_ptr& x);
void reset_contexts(const edge& e, const exchange_ptr& x);

// -- jobs --

void list_jobs(const edge& e, const exchange_ptr& x);
void post_job(const edge& e, const exchange_ptr& x);
void get_job(const edge& e, const exchange_ptr& x);
void get_job_history(const edge& e, const exchange_ptr& x);
void get_job_config(const edge& e, const exchange_ptr& x);
void delete_job(const edge& e, const exchange_ptr& x);

// -- watching --

void get_context_logs(const edge& e, const exchange_ptr& x);
void get_job_logs(const edge& e, const exchange_ptr& x);
void get_job_progress(const edge& e, const exchange_ptr& x);

// -- data files --

void list_data(const edge& e, const exchange_ptr& x);
void post_data(const edge& e, const exchange_ptr& x);
void delete_data(const edge& e, const exchange_ptr& x);
void reset_data(const edge& e, const exchange_ptr& x);

// -- the server itself --

void get_health(const edge& e, const exchange_ptr& x);
void get_metrics(const edge& e, const exchange_ptr& x);
void get_actors(const edge& e, const exchange_ptr& x);
void get_page(const edge& e, const exchange_ptr& x);

} // namespace hearth::http
