/// The records that the database keeps of contexts, jobs and binaries. They are
/// plain data, which every part of the server may use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/process_id.hpp"
#include "base/shared_text.hpp"

namespace hearth {

/// States of a context. Numbers are stored: never renumber.
enum class context_state : std::uint8_t {
  started = 1,    ///< its process is being started
  running = 2,    ///< it takes jobs
  stopping = 3,   ///< it was asked to stop; its process still lives
  restarting = 4, ///< its process ended and a new one is being started
  finished = 5,   ///< stopped on request, or made for one job that ended
  killed = 6,     ///< its process was killed from outside
  error = 7       ///< failed to start, or its process died
};

/// States of a job. Numbers are stored: never renumber.
enum class job_state : std::uint8_t {
  started = 1,    ///< recorded and sent to its context
  running = 2,    ///< its validation passed
  restarting = 3, ///< waits for its context to come back
  finished = 4,   ///< it returned; its result is stored
  error = 5,      ///< it threw, was refused, or lost its context
  killed = 6      ///< ended on request
};

/// Kinds of binaries. Numbers are stored: never renumber.
enum class binary_type : std::uint8_t {
  jar = 1,
  egg = 2,
  wheel = 3,
  native = 4
};

/// Returns the name that clients and logs get, e.g. "RUNNING" or "Jar".
const char* to_string(context_state x) noexcept;
const char* to_string(job_state x) noexcept;
const char* to_string(binary_type x) noexcept;

/// True for states that never change again.
bool is_final(context_state x) noexcept;
bool is_final(job_state x) noexcept;

/// What went wrong, as clients get it. All texts are empty if nothing did.
struct problem {
  std::string message;
  std::string error_class; ///< e.g. "java.lang.IllegalArgumentException"
  std::string stack;
  std::string subject; ///< id of the job or name of the context concerned
};

struct context_record {
  std::string id; ///< UUID, new for each context, not for each process
  std::string name;
  context_state state = context_state::started;
  std::string settings; ///< JSON object, flat: dotted path -> string
  millis start_time = 0;
  millis end_time = 0;
  std::string application_id; ///< Spark's id of the application, or ""
  std::string web_url;        ///< of Spark's user interface, or ""
  std::string version;        ///< what its agent said that it runs, or ""
  process_id process;
  bool ad_hoc = false;            ///< made for one job, ends with it
  problem reason;                 ///< why it is in ERROR or KILLED
  millis since = 0;               ///< when `state` or `reason` last changed
  std::int64_t state_version = 0; ///< grows with each entry of its history
};

struct job_record {
  std::string id; ///< UUID
  std::string context_id;
  std::string context_name;
  std::string main_class;
  std::string binaries; ///< JSON array of {name, digest}, class path order
  shared_text config;   ///< JSON object
  job_state state = job_state::started;
  millis start_time = 0;
  millis end_time = 0;
  problem reason;     ///< on ERROR and KILLED
  std::string result; ///< JSON text, once FINISHED
  /// Size in bytes of a result that is in a file of its own; `result` is ""
  /// then. 0 if there is no such file.
  std::int64_t result_size = 0;
  millis run_time = 0;            ///< when it began to run
  std::int64_t state_version = 0; ///< of its history; read, never written
  std::int64_t queued = 0; ///< its place in a queue, 1: next; read, not written
};

/// A change of a job that is stored already.
struct job_update {
  std::string id;
  job_state state = job_state::running;
  millis end_time = 0;
  problem reason;
  std::string result;
  std::int64_t result_size = 0; ///< as in job_record
  millis run_time = 0;          ///< as in job_record
};

/// One line of a history: a change of the state, or a step within it.
struct history_entry {
  millis time = 0;
  std::string state;
  std::string text; ///< why, or what was done; "" if the state says it all
};

/// The history of a job or a context, oldest entry first.
struct state_history {
  std::string id;
  std::string name; ///< of the context; "" for jobs
  std::int64_t state_version = 0;
  std::vector<history_entry> entries;
};

/// A step for the history of a job, which the job's record does not show.
struct job_note {
  std::string job;
  millis time = 0;
  job_state state = job_state::started;
  std::string text;
};

/// A step for the history of a context, which its record does not show.
struct context_note {
  std::string context;     ///< its id
  std::int64_t number = 0; ///< the state version of this entry
  millis time = 0;
  context_state state = context_state::started;
  std::string text;
};

/// A job that waits for a slot, with everything that is needed to run it later.
struct queue_entry {
  std::string job;
  std::string context_id;
  std::int32_t priority = 0; ///< higher goes first
  millis deadline = 0;       ///< when it stops waiting; 0: never
  std::string request;       ///< the header of its run_job frame
  std::string callback_url;
  /// The job got a slot, and was sent to its context's process or was about to
  /// be.
  bool sent = false;
};

/// The request that a client's Idempotency-Key stands for.
struct key_claim {
  std::string key;
  std::string digest;  ///< of the request
  std::string subject; ///< id of the job or context that the request made
  millis time = 0;
};

/// One uploaded version of a binary.
struct binary_record {
  std::string name;
  binary_type type = binary_type::jar;
  std::string digest; ///< SHA-256 of the content, lower-case hex
  std::int64_t size = 0;
  millis upload_time = 0;
};

/// Selects jobs for a list, newest first.
struct job_filter {
  std::int32_t limit = 50; ///< negative: no limit
  bool by_state = false;   ///< whether to list only jobs in `state`
  job_state state = job_state::running;
};

/// Selects the ended jobs or contexts that are to be forgotten: those that
/// ended before a time, and those that are not among the newest `keep`. Jobs
/// and contexts that still run are counted for `keep`, but are never forgotten.
struct expiry {
  millis ended_before = 0;
  std::int64_t keep = 0;
};

/// Returns when the job got its present state.
millis since(const job_record& x) noexcept;

/// Whether a context in the first state may go to the second one.
bool may_follow(context_state from, context_state to) noexcept;

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, problem& x) {
  return f(x.message, x.error_class, x.stack, x.subject);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, context_record& x) {
  return f(x.id, x.name, x.state, x.settings, x.start_time, x.end_time,
           x.application_id, x.web_url, x.version, x.process, x.ad_hoc,
           x.reason, x.since, x.state_version);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_record& x) {
  return f(x.id, x.context_id, x.context_name, x.main_class, x.binaries,
           x.config, x.state, x.start_time, x.end_time, x.reason, x.result,
           x.result_size, x.run_time, x.state_version, x.queued);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_update& x) {
  return f(x.id, x.state, x.end_time, x.reason, x.result, x.result_size,
           x.run_time);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, history_entry& x) {
  return f(x.time, x.state, x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, state_history& x) {
  return f(x.id, x.name, x.state_version, x.entries);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_note& x) {
  return f(x.job, x.time, x.state, x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, context_note& x) {
  return f(x.context, x.number, x.time, x.state, x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, queue_entry& x) {
  return f(x.job, x.context_id, x.priority, x.deadline, x.request,
           x.callback_url, x.sent);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, key_claim& x) {
  return f(x.key, x.digest, x.subject, x.time);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, binary_record& x) {
  return f(x.name, x.type, x.digest, x.size, x.upload_time);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_filter& x) {
  return f(x.limit, x.by_state, x.state);
}

} // namespace hearth
