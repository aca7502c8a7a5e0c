// The parts of answers that are about jobs.

#include "actors/api/messages.hpp"
#include "http/core/json_writer.hpp"

namespace hearth::http::json {

namespace {

void raw(writer& out, const std::string& json) {
  // A job without a result text is one that returned nothing.
  out.raw(json.empty() ? std::string_view{"null"} : std::string_view{json});
}

bool failed(job_state x) noexcept {
  return x == job_state::error || x == job_state::killed;
}

enum class report_kind { lean, whole, detailed };

void report(writer& out, const job_record& x, report_kind kind) {
  out.StartObject();
  field(out, "duration",
        is_final(x.state) ? duration(x.end_time - x.start_time)
                          : "Job not done yet");
  field(out, "classPath", x.main_class);
  field(out, "startTime", timestamp(x.start_time));
  field(out, "context", x.context_name);
  if (failed(x.state)) {
    out.Key("result");
    exception(out, x.reason);
  } else if (kind != report_kind::lean && x.state == job_state::finished) {
    out.Key("result");
    raw(out, x.result);
  }
  field(out, "status", to_string(x.state));
  field(out, "jobId", x.id);
  field(out, "contextId", x.context_id);
  if (x.queued > 0 && x.state == job_state::started) {
    out.Key("queued");
    out.Int64(x.queued);
  }
  if (kind == report_kind::detailed)
    version(out, since(x), x.state_version);
  out.EndObject();
}

/// Stands for a result; no text that the writer makes holds it.
constexpr char mark = '\x01';

halves split_at_mark(std::string text) {
  auto at = text.find(mark);
  return {text.substr(0, at), text.substr(at + 1)};
}

} // namespace

std::string job_report(const job_record& x) {
  return written([&](writer& out) { report(out, x, report_kind::whole); });
}

std::string job_details(const job_record& x) {
  return written([&](writer& out) { report(out, x, report_kind::detailed); });
}

std::string job_list(const std::vector<job_record>& xs) {
  return written([&](writer& out) {
    out.StartArray();
    for (const auto& x : xs)
      report(out, x, report_kind::lean);
    out.EndArray();
  });
}

std::string job_answer(const job_record& x) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "jobId", x.id);
    if (failed(x.state))
      field(out, "status", to_string(x.state));
    out.Key("result");
    if (failed(x.state))
      exception(out, x.reason);
    else
      raw(out, x.result);
    out.EndObject();
  });
}

std::string progress(const job_record& x, const job_progress& far) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "jobId", x.id);
    field(out, "status", to_string(x.state));
    out.Key("done");
    out.Int64(far.done);
    out.Key("total");
    out.Int64(far.total);
    field(out, "text", far.text);
    out.EndObject();
  });
}

halves job_report_around(job_record x) {
  x.result = mark;
  return split_at_mark(job_details(x));
}

halves job_answer_around(job_record x) {
  x.result = mark;
  return split_at_mark(job_answer(x));
}

std::string job_killed(const job_record& x) {
  if (x.state != job_state::error)
    return status(to_string(x.state));
  return written([&](writer& out) {
    out.StartObject();
    field(out, "status", to_string(x.state));
    out.Key("ERROR");
    exception(out, x.reason);
    out.EndObject();
  });
}

} // namespace hearth::http::json
