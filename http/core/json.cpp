#include "http/core/json.hpp"

#include <utility>

#include "actors/api/messages.hpp"
#include "http/core/json_writer.hpp"
#include "store/utf8.hpp"

namespace hearth::http::json {

std::string status(std::string_view status, std::string_view result) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "status", status);
    if (!result.empty())
      field(out, "result", result);
    out.EndObject();
  });
}

std::string failure(std::string_view status, const problem& from,
                    std::string_view job_id) {
  // It may quote what a client has sent.
  auto reason = from;
  for (auto* text : {&reason.message, &reason.error_class, &reason.stack})
    make_plain_utf8(*text);
  return written([&](writer& out) {
    out.StartObject();
    field(out, "status", status);
    if (!job_id.empty())
      field(out, "jobId", job_id);
    out.Key("result");
    if (reason.error_class.empty() && reason.stack.empty() && job_id.empty())
      text(out, reason.message);
    else
      exception(out, reason);
    out.EndObject();
  });
}

std::string history(const state_history& story) {
  return written([&](writer& out) {
    out.StartObject();
    if (!story.name.empty())
      field(out, "name", story.name);
    field(out, story.name.empty() ? "jobId" : "id", story.id);
    out.Key("stateVersion");
    out.Int64(story.state_version);
    out.Key("history");
    out.StartArray();
    for (const auto& entry : story.entries) {
      out.StartObject();
      field(out, "time", timestamp(entry.time));
      field(out, "state", entry.state);
      field(out, "reason", entry.text);
      out.EndObject();
    }
    out.EndArray();
    out.EndObject();
  });
}

std::string context_info(const context_record& context) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "name", context.name);
    field(out, "startTime", timestamp(context.start_time));
    field(out, "state", to_string(context.state));
    field(out, "endTime",
          is_final(context.state) ? timestamp(context.end_time)
                                  : std::string{"Empty"});
    field(out, "id", context.id);
    version(out, context.since > 0 ? context.since : context.start_time,
            context.state_version);
    if (!context.application_id.empty())
      field(out, "applicationId", context.application_id);
    if (!context.web_url.empty())
      field(out, "url", context.web_url);
    // Of other runtimes than Spark it is none of Spark's.
    if (!context.version.empty() && !context.application_id.empty())
      field(out, "sparkVersion", context.version);
    if (!context.reason.message.empty()) {
      out.Key("error");
      exception(out, context.reason);
    }
    out.EndObject();
  });
}

std::string names(const std::vector<std::string>& list) {
  return written([&](writer& out) {
    out.StartArray();
    for (const auto& name : list)
      text(out, name);
    out.EndArray();
  });
}

std::string binary_info(const binary_record& binary) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "app-name", binary.name);
    field(out, "binary-type", to_string(binary.type));
    field(out, "upload-time", timestamp(binary.upload_time));
    out.EndObject();
  });
}

std::string binary_list(const binary_records& list) {
  return written([&](writer& out) {
    out.StartObject();
    for (const auto& record : list) {
      key(out, record->name);
      out.StartObject();
      field(out, "binary-type", to_string(record->type));
      field(out, "upload-time", timestamp(record->upload_time));
      out.EndObject();
    }
    out.EndObject();
  });
}

std::string jar_list(const binary_records& list) {
  return written([&](writer& out) {
    out.StartObject();
    for (const auto& record : list)
      if (record->type == binary_type::jar)
        field(out, record->name, timestamp(record->upload_time));
    out.EndObject();
  });
}

std::string data_stored(std::string_view path) {
  return written([&](writer& out) {
    out.StartObject();
    out.Key("result");
    out.StartObject();
    field(out, "filename", path);
    out.EndObject();
    out.EndObject();
  });
}

std::string actors(const std::vector<actor_status>& lines) {
  return written([&](writer& out) {
    out.StartArray();
    for (const auto& line : lines) {
      out.StartObject();
      out.Key("id");
      out.Uint64(line.id);
      field(out, "name", line.name);
      field(out, "subject", line.subject);
      out.Key("parent");
      out.Uint64(line.parent);
      field(out, "state", line.state);
      out.Key("mailbox");
      out.Uint64(line.mailbox);
      field(out, "since", timestamp(line.since));
      out.EndObject();
    }
    out.EndArray();
  });
}

} // namespace hearth::http::json
