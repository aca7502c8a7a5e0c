/// The codes of all errors that a request can end with, and the helpers that
/// make and read such errors.
#pragma once

#include <cstdint>
#include <string>

#include <caf/error.hpp>

#include "store/records.hpp"

namespace hearth {

/// Only http/core/reply.cpp knows the HTTP status of each code, and thereby
/// which errors a client has caused.
enum class ec : std::uint8_t {
  bad_request = 1,      ///< a parameter or body that makes no sense
  config_unparsable,    ///< a body that does not parse
  malformed_url,        ///< a class path URI of an unknown scheme
  context_name_invalid, ///< must start with a letter, …
  context_exists,       ///< the name is taken
  context_not_found,    ///< a request to run a job in it, or to delete it
  context_unknown,      ///< a request to show it
  context_init_failed,  ///< its process failed or was not ready in time
  context_stopping,     ///< it is being stopped and takes no jobs any more
  context_stop_pending, ///< the stop goes on after the deletion time-out
  context_not_ready,    ///< it cannot take the job yet, or at the moment
  context_terminated,   ///< it ended while its jobs were running
  binary_not_found,     ///< a request to run a job from it
  binary_unknown,       ///< a request to show it
  binary_not_there,     ///< a request to delete it
  binary_in_use,        ///< running jobs use it
  binary_type_unsupported,
  binary_malformed, ///< content that is not of its type
  data_not_found,
  job_not_found,
  job_not_running,
  no_slots, ///< all slots of the context are taken
  class_not_found,
  wrong_context_kind, ///< a job for another kind of context
  job_loading_failed,
  validation_failed,
  key_reused,  ///< the Idempotency-Key belongs to another request
  job_timeout, ///< the wait for a sync job ran out; the job runs on
  deadline,    ///< a part of the server did not answer in time
  overloaded,
  shutting_down,
  store_failed,
  storage_full,
  outcome_unknown, ///< the database was lost while it stored that
  internal
};

/// Returns the name of a code for logs, e.g. "no_slots".
const char* to_string(ec x) noexcept;

/// Makes an error that carries the problem as clients get it.
caf::error make_error(ec code, problem reason);

/// Makes an error that has only a message.
caf::error make_error(ec code, std::string message);

/// Returns the code of an error. Of the errors that CAF makes, a request that
/// ran into its deadline is `deadline`, and a receiver that has ended is
/// `internal`.
ec code_of(const caf::error& x) noexcept;

/// True if the asked actor ended before it handled the request.
bool is_receiver_down(const caf::error& x) noexcept;

/// Makes the error for a request that names an unknown context.
caf::error context_gone(const std::string& name);

/// Returns the error for the client of a request to a context's actor. If that
/// actor ended while it was asked, the error says that the context does not
/// exist any more.
caf::error error_of_context(const caf::error& x, const std::string& name);

/// Returns the problem that `make_error` was given. For any other error,
/// returns one that renders it as text.
problem problem_of(const caf::error& x);

/// Renders an error of the category `ec`. The configuration of the actor system
/// registers it.
std::string render(std::uint8_t code, caf::atom_value category,
                   const caf::message& context);

} // namespace hearth
