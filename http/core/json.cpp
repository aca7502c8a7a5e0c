#include "http/core/json.hpp"

#include <utility>

#include <rapidjson/document.h>

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
  // The texts may quote bytes that a client has sent.
  auto why = from;
  for (auto* text : {&why.message, &why.error_class, &why.stack})
    make_plain_utf8(*text);
  return written([&](writer& out) {
    out.StartObject();
    field(out, "status", status);
    if (!job_id.empty())
      field(out, "jobId", job_id);
    out.Key("result");
    if (why.error_class.empty() && why.stack.empty() && job_id.empty())
      text(out, why.message);
    else
      exception(out, why);
    out.EndObject();
  });
}

std::string history(const state_history& x) {
  return written([&](writer& out) {
    out.StartObject();
    if (!x.name.empty())
      field(out, "name", x.name);
    field(out, x.name.empty() ? "jobId" : "id", x.id);
    out.Key("stateVersion");
    out.Int64(x.state_version);
    out.Key("history");
    out.StartArray();
    for (const auto& entry : x.entries) {
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

std::string context_info(const context_record& x) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "name", x.name);
    field(out, "startTime", timestamp(x.start_time));
    field(out, "state", to_string(x.state));
    field(out, "endTime",
          is_final(x.state) ? timestamp(x.end_time) : std::string{"Empty"});
    field(out, "id", x.id);
    version(out, x.since > 0 ? x.since : x.start_time, x.state_version);
    if (!x.application_id.empty())
      field(out, "applicationId", x.application_id);
    if (!x.web_url.empty())
      field(out, "url", x.web_url);
    // Of other runtimes than Spark it is none of Spark's.
    if (!x.version.empty() && !x.application_id.empty())
      field(out, "sparkVersion", x.version);
    if (!x.reason.message.empty()) {
      out.Key("error");
      exception(out, x.reason);
    }
    out.EndObject();
  });
}

std::string names(const std::vector<std::string>& xs) {
  return written([&](writer& out) {
    out.StartArray();
    for (const auto& x : xs)
      text(out, x);
    out.EndArray();
  });
}

std::string binary_info(const binary_record& x) {
  return written([&](writer& out) {
    out.StartObject();
    field(out, "app-name", x.name);
    field(out, "binary-type", to_string(x.type));
    field(out, "upload-time", timestamp(x.upload_time));
    out.EndObject();
  });
}

std::string binary_list(const std::vector<binary_record>& xs) {
  return written([&](writer& out) {
    out.StartObject();
    for (const auto& x : xs) {
      key(out, x.name);
      out.StartObject();
      field(out, "binary-type", to_string(x.type));
      field(out, "upload-time", timestamp(x.upload_time));
      out.EndObject();
    }
    out.EndObject();
  });
}

std::string jar_list(const std::vector<binary_record>& xs) {
  return written([&](writer& out) {
    out.StartObject();
    for (const auto& x : xs)
      if (x.type == binary_type::jar)
        field(out, x.name, timestamp(x.upload_time));
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

std::string actors(const std::vector<actor_status>& xs) {
  return written([&](writer& out) {
    out.StartArray();
    for (const auto& x : xs) {
      out.StartObject();
      out.Key("id");
      out.Uint64(x.id);
      field(out, "name", x.name);
      field(out, "subject", x.subject);
      out.Key("parent");
      out.Uint64(x.parent);
      field(out, "state", x.state);
      out.Key("mailbox");
      out.Uint64(x.mailbox);
      field(out, "since", timestamp(x.since));
      out.EndObject();
    }
    out.EndArray();
  });
}

std::vector<std::string> top_level_texts(const std::string& object,
                                         const char* key) {
  rapidjson::Document doc;
  doc.Parse<rapidjson::kParseIterativeFlag>(object);
  std::vector<std::string> result;
  if (doc.HasParseError() || !doc.IsObject() || !doc.HasMember(key))
    return result;
  const auto& value = doc[key];
  auto add = [&](const auto& x) {
    if (x.IsString())
      result.emplace_back(x.GetString(), x.GetStringLength());
  };
  add(value);
  if (value.IsArray())
    for (const auto& x : value.GetArray())
      add(x);
  return result;
}

} // namespace hearth::http::json
