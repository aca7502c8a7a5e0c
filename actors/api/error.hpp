/// Every way in which a request can fail, as a value.
#pragma once

#include <cstdint>
#include <string>

#include <caf/error.hpp>

#include "store/records.hpp"

namespace hearth {

/// Which of them a client caused and what HTTP says to each is known to
/// http/core/reply.cpp alone.
enum class ec : std::uint8_t {
  bad_request = 1,      ///< a parameter or body that makes no sense
  config_unparsable,    ///< a body that does not parse
  malformed_url,        ///< a class path URI of an unknown scheme
  context_name_invalid, ///< must start with a letter, …
  context_exists,       ///< the name is taken
  context_not_found,    ///< asked to run a job in it, or to delete it
  context_unknown,      ///< asked to show it
  context_init_failed,  ///< its process failed or was not ready in time
  context_stopping,     ///< it takes no jobs any more
  context_stop_pending, ///< it is being stopped and that takes longer
  context_not_ready,    ///< it is not yet, or not at the moment, able to
  context_terminated,   ///< it ended under its jobs
  binary_not_found,     ///< asked to run a job from it
  binary_unknown,       ///< asked to show it
  binary_not_there,     ///< asked to delete it
  binary_in_use,        ///< by running jobs
  binary_type_unsupported,
  binary_malformed, ///< content that is not of its type
  data_not_found,
  job_not_found,
  job_not_running,
  no_slots, ///< as many jobs run as the context takes
  class_not_found,
  wrong_context_kind, ///< a job for another kind of context
  job_loading_failed,
  validation_failed,
  key_reused,  ///< an Idempotency-Key of another request
  job_timeout, ///< a sync wait ran out; the job runs on
  deadline,    ///< a part of the server did not answer in time
  overloaded,
  shutting_down,
  store_failed,
  storage_full,
  internal
};

/// For logs, e.g. "no_slots".
const char* to_string(ec x) noexcept;

/// An error that carries what clients are told.
caf::error make_error(ec code, problem why);

/// The same with a message alone.
caf::error make_error(ec code, std::string message);

/// The code of an error, also of one that CAF made: a request that ran into
/// its deadline is `deadline`, a receiver that is gone `internal`.
ec code_of(const caf::error& x) noexcept;

/// Whether whom one asked ended before it read the question.
bool is_receiver_down(const caf::error& x) noexcept;

/// What who asks for a context that is not there is told.
caf::error context_gone(const std::string& name);

/// What who asked a context's actor is told of its error: a context whose actor
/// ended while it was asked is not there any more.
caf::error error_of_context(const caf::error& x, const std::string& name);

/// What `make_error` was given, or a rendering of any other error.
problem problem_of(const caf::error& x);

/// The caf::error category of `ec`; for the actor system's configuration.
std::string render(std::uint8_t code, caf::atom_value category,
                   const caf::message& context);

} // namespace hearth
