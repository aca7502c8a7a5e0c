#include <array>
#include <utility>

#include "runtime/protocol/header.hpp"
#include "runtime/protocol/messages.hpp"
#include "runtime/protocol/names.hpp"

namespace hearth::protocol {

namespace {

template <std::size_t N>
void read(const char* message, const frame& x, field (&&fields)[N],
          extent how_far = extent::whole) {
  read_header(message, x.header, fields, how_far);
}

[[noreturn]] void unknown_value(const char* message, const char* key,
                                const std::string& value) {
  throw protocol_error(std::string(message) + ": unknown value '" + value
                       + "' of key '" + key + "'");
}

} // namespace

hello parse_hello(const frame& x) {
  hello result;
  std::int64_t protocol = 0;
  read("hello", x,
       {{"protocol", &protocol},
        {"contextId", &result.context_id},
        {"token", &result.token},
        {"pid", &result.pid},
        {"runtime", &result.runtime},
        {"ready", &result.ready},
        {"running", &result.running},
        {"ended", &result.ended}});
  // Saturated: no version that large is ours either.
  result.protocol
    = std::in_range<int>(protocol) ? static_cast<int>(protocol) : 0;
  return result;
}

failure parse_context_failed(const frame& x) {
  failure result;
  read("context_failed", x,
       {{"message", &result.message},
        {"errorClass", &result.error_class},
        {"stack", &result.stack}});
  return result;
}

context_ready parse_context_ready(const frame& x) {
  context_ready result;
  read("context_ready", x,
       {{"applicationId", &result.application_id},
        {"webUrl", &result.web_url},
        {"version", &result.version}});
  return result;
}

job_refused parse_job_refused(const frame& x) {
  job_refused result;
  std::string reason;
  read("job_refused", x,
       {{"job", &result.job},
        {"reason", &reason},
        {"message", &result.why.message},
        {"errorClass", &result.why.error_class},
        {"stack", &result.why.stack}});
  if (!value_of(refusal_names, reason, result.reason))
    unknown_value("job_refused", "reason", reason);
  return result;
}

job_ended parse_job_ended(const frame& x) {
  job_ended result;
  std::string outcome;
  std::array<field, 5> fields{
    {{"job", &result.job},
     {"outcome", &outcome},
     {"message", &result.why.message, need::optional},
     {"errorClass", &result.why.error_class, need::optional},
     {"stack", &result.why.stack, need::optional}}};
  read_header("job_ended", x.header, fields);
  if (!value_of(outcome_names, outcome, result.outcome))
    unknown_value("job_ended", "outcome", outcome);
  if (result.outcome != outcome::finished)
    for (const auto& f : fields)
      if (!f.seen)
        throw protocol_error(std::string("job_ended: missing key '") + f.key
                             + "'");
  return result;
}

job_progress parse_job_progress(const frame& x) {
  job_progress result;
  read("job_progress", x,
       {{"job", &result.job},
        {"done", &result.done},
        {"total", &result.total},
        {"text", &result.text}});
  return result;
}

log_line parse_log(const frame& x) {
  log_line result;
  read("log", x,
       {{"level", &result.level},
        {"text", &result.text},
        {"job", &result.job, need::optional}});
  return result;
}

std::string parse_job(const frame& x) {
  std::string result;
  read(name_of(x.kind), x, {{"job", &result}}, extent::until_found);
  return result;
}

read_file parse_read_file(const frame& x) {
  read_file result;
  read("read_file", x,
       {{"job", &result.job},
        {"request", &result.request},
        {"data", &result.data, need::optional},
        {"digest", &result.digest, need::optional},
        {"offset", &result.offset},
        {"length", &result.length}});
  return result;
}

bool parse_streamed(const frame& x) {
  bool result = false;
  read("result_part", x, {{"streamed", &result, need::optional}});
  return result;
}

std::uint64_t parse_seq(const frame& x) {
  std::uint64_t result = 0;
  read(name_of(x.kind), x, {{"seq", &result}});
  return result;
}

welcome parse_welcome(const frame& x) {
  welcome result;
  std::int64_t protocol = 0;
  read("welcome", x,
       {{"protocol", &protocol}, {"heartbeatMs", &result.heartbeat_ms}});
  result.protocol
    = std::in_range<int>(protocol) ? static_cast<int>(protocol) : 0;
  return result;
}

std::string parse_reject(const frame& x) {
  std::string result;
  read("reject", x, {{"message", &result}});
  return result;
}

run_job parse_run_job(const frame& x) {
  run_job result;
  read("run_job", x,
       {{"job", &result.job},
        {"mainClass", &result.main_class},
        {"binaries", &result.binaries},
        {"maxResult", &result.max_result},
        {"credit", &result.credit},
        {"user", &result.user},
        {"startedAfterMs", &result.started_after_ms, need::optional}});
  return result;
}

std::uint64_t parse_stop(const frame& x) {
  std::uint64_t result = 0;
  read("stop", x, {{"graceMs", &result}});
  return result;
}

file_block parse_file_block(const frame& x) {
  file_block result;
  read("file_block", x,
       {{"request", &result.request},
        {"size", &result.size},
        {"error", &result.error, need::optional}});
  return result;
}

credit parse_credit(const frame& x) {
  credit result;
  read("credit", x, {{"job", &result.job}, {"bytes", &result.bytes}});
  return result;
}

} // namespace hearth::protocol
