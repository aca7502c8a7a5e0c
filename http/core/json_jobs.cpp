// The parts of answers that are about jobs.

#include "actors/api/messages.hpp"
#include "http/core/json_writer.hpp"

namespace hearth::http::json {

namespace {

void raw(writer& out, const std::string& json) {
  // A job without a result text is one that returned nothing.
  out.raw(json.empty() ? std::string_view{"null"} : std::string_view{json});
}

bool failed(job_state state) noexcept {
  return state == job_state::error || state == job_state::killed;
}

enum class report_kind { lean, whole, detailed };

void report(writer& out, const job_record& job, report_kind kind) {
  out.StartObject();
  field(out, "duration",
        is_final(job.state) ? duration(job.end_time - job.start_time)
                            : "Job not done yet");
  field(out, "classPath", job.main_class);
  field(out, "startTime", timestamp(job.start_time));
  field(out, "context", job.context_name);
  if (failed(job.state)) {
    out.Key("result");
    exception(out, job.reason);
  } else if (kind != report_kind::lean && job.state == job_state::finished) {
    out.Key("result");
    raw(out, job.result);
  }
  field(out, "status", to_string(job.state));
  field(out, "jobId", job.id);
  field(out, "contextId", job.context_id);
  if (job.queued > 0 && job.state == job_state::started) {
    out.Key("queued");
    out.Int64(job.queued);
  }
  if (kind == report_kind::detailed)
    version(out, since(job), job.state_version);
  out.EndObject();
}

/// Stands for a result; no text that the writer makes holds it.
constexpr char mark = '\x01';

halves split_at_mark(std::string text) {
  auto at = text.find(mark);
  return {text.substr(0, at), text.substr(at + 1)};
}

} // namespace

std::string job_report(const job_record& job) {
  return written([&](writer& out) { report(out, job, report_kind::whole); });
}

std::string job_details(const job_record& job) {
  return written([&](writer& out) { report(out, job, report_kind::detailed); });
}

std::string job_list(const std::vector<job_record>& jobs) {
  return written([&](writer& out) {
    out.StartArray();
    for (const auto& job : jobs)
      report(out, job, report_kind::lean);
    out.EndArray();
  });
}

std::string job_answer(const job_record& job) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "jobId", job.id);
    if (failed(job.state))
      field(out, "status", to_string(job.state));
    out.Key("result");
    if (failed(job.state))
      exception(out, job.reason);
    else
      raw(out, job.result);
    out.EndObject();
  });
}

std::string progress(const job_record& job, const job_progress& said) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "jobId", job.id);
    field(out, "status", to_string(job.state));
    out.Key("done");
    out.Int64(said.done);
    out.Key("total");
    out.Int64(said.total);
    field(out, "text", said.text);
    out.EndObject();
  });
}

halves job_report_around(job_record job) {
  job.result = mark;
  return split_at_mark(job_details(job));
}

halves job_answer_around(job_record job) {
  job.result = mark;
  return split_at_mark(job_answer(job));
}

std::string job_killed(const job_record& job) {
  if (job.state != job_state::error)
    return status(to_string(job.state));
  return written([&](writer& out) {
    out.StartObject();
    field(out, "status", to_string(job.state));
    out.Key("ERROR");
    exception(out, job.reason);
    out.EndObject();
  });
}

} // namespace hearth::http::json
