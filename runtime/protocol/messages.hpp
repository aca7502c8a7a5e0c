/// The messages of the agent protocol as structs, and the functions that write
/// and read them.
///
/// Each `to_frame` and `*_frame` writes the header that README.md documents. It
/// throws protocol_error for text that is not UTF-8. Each `parse_*` reads the
/// header of a frame whose kind the caller has checked. It throws
/// protocol_error, which names message and key, if the header is not a JSON
/// object in UTF-8, lacks a key, or has a value of a wrong type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/protocol/frame.hpp"

namespace hearth::protocol {

inline constexpr int version = 1;

/// The first message of an agent, in which it introduces itself.
struct hello {
  int protocol = version;
  std::string context_id;
  std::string token;
  std::int64_t pid = 0;
  std::string runtime;
  bool ready = false;
  std::vector<std::string> running;
  std::vector<std::string> ended;
};

/// An exception, as agents report it.
struct failure {
  std::string message;
  std::string error_class;
  std::string stack;
};

struct context_ready {
  std::string application_id;
  std::string web_url;
  std::string version;
};

enum class refusal {
  class_not_found,
  wrong_context,
  loading_failed,
  validation_failed,
  stopping
};

struct job_refused {
  std::string job;
  refusal reason = refusal::loading_failed;
  failure why;
};

enum class outcome { finished, error, killed };

/// The result, if any, is the frame's payload.
struct job_ended {
  std::string job;
  protocol::outcome outcome = outcome::finished;
  failure why;
};

struct job_progress {
  std::string job;
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::string text;
};

struct log_line {
  std::string level;
  std::string text;
  std::string job; ///< "" if the line belongs to no job
};

/// One binary on a job's class path.
struct binary_ref {
  std::string name;
  std::string type; ///< "Jar", "Egg", "Wheel", "Native"
  std::string digest;
  std::string path;
};

/// Asks for a part of a file that the agent cannot see.
struct read_file {
  std::string job;
  std::uint64_t request = 0; ///< the answer repeats this number
  std::string data;          ///< name of a data file; "" if it is a binary
  std::string digest;        ///< of a binary of the job
  std::uint64_t offset = 0;
  std::uint64_t length = 0; ///< bytes, at most `max_block`
};

/// The answer to `read_file`. The bytes are the frame's payload.
struct file_block {
  std::uint64_t request = 0;
  std::uint64_t size = 0; ///< of the whole file
  std::string error;      ///< why it cannot be read, for people; else ""
};

/// The longest part of a file that one frame carries, bytes.
inline constexpr std::uint64_t max_block = 1024 * 1024;

struct run_job {
  std::string job;
  std::string main_class;
  std::vector<binary_ref> binaries;
  std::uint64_t max_result = 0; ///< bytes
  std::uint64_t credit = 0;     ///< bytes
  std::string user;
  /// How many milliseconds the job may run before the agent has to send
  /// `job_started`. A job that ends sooner needs no `job_started`. 0: it is
  /// sent at once.
  std::uint64_t started_after_ms = 0;
};

/// The first message of the server.
struct welcome {
  int protocol = version;
  std::uint64_t heartbeat_ms = 0;
};

/// Allows the agent to send more bytes of a job's result.
struct credit {
  std::string job;
  std::uint64_t bytes = 0;
};

// -- what the server reads ----------------------------------------------------

/// Returns `[{"name","digest"},…]`, the form in a job's record.
std::string to_json(const std::vector<binary_ref>& x);

hello parse_hello(const frame& x);
failure parse_context_failed(const frame& x);
context_ready parse_context_ready(const frame& x);
job_refused parse_job_refused(const frame& x);
job_ended parse_job_ended(const frame& x);
job_progress parse_job_progress(const frame& x);
log_line parse_log(const frame& x);

/// Returns the key `job` of a header. job_started, result_part and every other
/// frame about a job have it. Reads no more of the header than necessary.
std::string parse_job(const frame& x);

read_file parse_read_file(const frame& x);

/// Returns the key `streamed` of a result_part.
bool parse_streamed(const frame& x);

/// Returns the key `seq` of a ping or pong.
std::uint64_t parse_seq(const frame& x);

// -- what the server writes ---------------------------------------------------

frame to_frame(const run_job& x, std::string config);
frame welcome_frame(std::uint64_t heartbeat_ms);
frame reject_frame(std::string_view message);
frame kill_job_frame(std::string_view job);
frame stop_frame(std::uint64_t grace_ms);
frame credit_frame(std::string_view job, std::uint64_t bytes);
frame job_stored_frame(std::string_view job);
frame to_frame(const file_block& x, std::string bytes);
frame seq_frame(kind k, std::uint64_t seq);

// -- the agents' side, for native agents and tests ----------------------------

frame to_frame(const hello& x);
frame to_frame(const context_ready& x);
frame context_failed_frame(const failure& x);
frame job_started_frame(std::string_view job);
frame to_frame(const job_refused& x);
frame to_frame(const job_progress& x);
frame to_frame(const log_line& x);
frame result_part_frame(std::string_view job, std::string bytes);
frame to_frame(const job_ended& x, std::string result);
frame stopping_frame();
frame to_frame(const read_file& x);

welcome parse_welcome(const frame& x);
std::string parse_reject(const frame& x);
run_job parse_run_job(const frame& x);
std::uint64_t parse_stop(const frame& x); ///< milliseconds of grace
credit parse_credit(const frame& x);
file_block parse_file_block(const frame& x);

} // namespace hearth::protocol
