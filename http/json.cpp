#include "http/json.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <rapidjson/document.h>
#include <rapidjson/writer.h>

#include "actors/messages.hpp"
#include "store/utf8.hpp"

namespace hearth::http::json {

namespace {

/// Appends to a std::string; RapidJSON's own buffers would be one more copy.
struct string_stream {
  using Ch = char;

  explicit string_stream(std::string& out) : out(out) {}

  void Put(char c) {
    out.push_back(c);
  }
  void Flush() {}

  std::string& out;
};

/// RapidJSON writes character by character. What is JSON already, and texts
/// without anything to escape, which most are, go in as a whole.
class writer : public rapidjson::Writer<string_stream> {
public:
  using Writer::Writer;

  void raw(std::string_view json) {
    Prefix(rapidjson::kObjectType);
    os_->out += json;
    EndValue(true);
  }

  void text(std::string_view x) {
    auto is_odd = [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
    };
    if (std::any_of(x.begin(), x.end(), is_odd)) {
      String(x.data(), static_cast<rapidjson::SizeType>(x.size()));
      return;
    }
    Prefix(rapidjson::kStringType);
    os_->out += '"';
    os_->out += x;
    os_->out += '"';
    EndValue(true);
  }
};

/// The text that `fill` writes.
template <class Fill>
std::string written(Fill fill) {
  std::string result;
  result.reserve(256);
  string_stream stream{result};
  writer out{stream};
  fill(out);
  return result;
}

void text(writer& out, std::string_view x) {
  out.text(x);
}

void key(writer& out, std::string_view x) {
  out.text(x);
}

void field(writer& out, std::string_view name, std::string_view value) {
  key(out, name);
  text(out, value);
}

void gauge(writer& out, std::string_view name, std::uint64_t value) {
  key(out, name);
  out.StartObject();
  field(out, "type", "gauge");
  out.Key("value");
  out.Uint64(value);
  out.EndObject();
}

void exception(writer& out, const problem& x) {
  out.StartObject();
  field(out, "message", x.message);
  field(out, "errorClass", x.error_class);
  field(out, "stack", x.stack);
  out.EndObject();
}

void raw(writer& out, const std::string& json) {
  // A job without a result text is one that returned nothing.
  out.raw(json.empty() ? std::string_view{"null"} : std::string_view{json});
}

bool failed(job_state x) noexcept {
  return x == job_state::error || x == job_state::killed;
}

void version(writer& out, millis since, std::int64_t number) {
  field(out, "since", timestamp(since));
  out.Key("stateVersion");
  out.Int64(number);
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

/// The last `n` decimal digits of `value`, with leading zeros.
void digits(char* to, std::int64_t value, int n) noexcept {
  for (int i = n - 1; i >= 0; --i, value /= 10)
    to[i] = static_cast<char>('0' + value % 10);
}

} // namespace

std::string timestamp(millis time) {
  constexpr millis day = 86'400'000;
  // The years 0000 to 9999, which four digits can say.
  time = std::clamp(time, -62'167'219'200'000, 253'402'300'799'999);
  auto days = time / day - (time % day < 0 ? 1 : 0);
  auto rest = time - days * day;
  // Days since 0000-03-01, cut into 400-year eras: Howard Hinnant's
  // days_from_civil, backwards.
  auto z = days + 719'468;
  auto era = (z >= 0 ? z : z - 146'096) / 146'097;
  auto doe = z - era * 146'097;
  auto yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  auto doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  auto mp = (5 * doy + 2) / 153;
  auto month = mp < 10 ? mp + 3 : mp - 9;
  std::string result = "0000-00-00T00:00:00.000Z";
  digits(result.data(), yoe + era * 400 + (month <= 2 ? 1 : 0), 4);
  digits(result.data() + 5, month, 2);
  digits(result.data() + 8, doy - (153 * mp + 2) / 5 + 1, 2);
  digits(result.data() + 11, rest / 3'600'000, 2);
  digits(result.data() + 14, rest / 60'000 % 60, 2);
  digits(result.data() + 17, rest / 1000 % 60, 2);
  digits(result.data() + 20, rest % 1000, 3);
  return result;
}

std::string duration(millis elapsed) {
  // A clock that was set back must not show.
  if (elapsed < 0)
    elapsed = 0;
  std::array<char, 3> fraction{};
  digits(fraction.data(), elapsed % 1000, 3);
  std::size_t n = 3;
  while (n > 1 && fraction[n - 1] == '0')
    --n;
  auto result = std::to_string(elapsed / 1000);
  result += '.';
  result.append(fraction.data(), n);
  result += " secs";
  return result;
}

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

std::string job_report(const job_record& x) {
  return written([&](writer& out) { report(out, x, report_kind::whole); });
}

std::string job_details(const job_record& x) {
  return written([&](writer& out) { report(out, x, report_kind::detailed); });
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

std::string metrics(const std::vector<actor_status>& xs) {
  // kind of actor -> how many, and how many messages wait for them
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> kinds{
    {"context", {}}, {"job", {}}};
  for (const auto& x : xs) {
    ++kinds[x.name].first;
    kinds[x.name].second += x.mailbox;
  }
  return written([&](writer& out) {
    out.StartObject();
    for (const auto& [name, numbers] : kinds) {
      key(out, "hearth." + name);
      out.StartObject();
      gauge(out, "live", numbers.first);
      gauge(out, "waiting-messages", numbers.second);
      out.EndObject();
    }
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
