#include "runtime/protocol/messages.hpp"

#include <array>
#include <utility>

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace hearth::protocol {

namespace {

using writer = rapidjson::Writer<rapidjson::StringBuffer>;

void string(writer& out, std::string_view x) {
  out.String(x.data(), static_cast<rapidjson::SizeType>(x.size()));
}

void strings(writer& out, const std::vector<std::string>& xs) {
  out.StartArray();
  for (auto& x : xs)
    string(out, x);
  out.EndArray();
}

/// Writes a header with whatever `fill` puts into its object.
template <class Fill>
frame make(kind k, Fill fill, std::string payload = {}) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  out.StartObject();
  fill(out);
  out.EndObject();
  return {k, {buffer.GetString(), buffer.GetSize()}, std::move(payload)};
}

void put(writer& out, const char* key, std::string_view x) {
  out.Key(key);
  string(out, x);
}

void put(writer& out, const failure& x) {
  put(out, "message", x.message);
  put(out, "errorClass", x.error_class);
  put(out, "stack", x.stack);
}

/// A parsed header; every look-up names the key that is missing or wrong.
class header {
public:
  header(const frame& x, const char* message) : message_(message) {
    // Deep nesting must not cost stack: no header of ours nests deeply.
    doc_.Parse<rapidjson::kParseValidateEncodingFlag
               | rapidjson::kParseIterativeFlag>(x.header.data(),
                                                 x.header.size());
    if (doc_.HasParseError())
      fail("header", rapidjson::GetParseError_En(doc_.GetParseError()));
    if (!doc_.IsObject())
      fail("header", "is no JSON object");
  }

  std::string text(const char* key) const {
    auto& x = at(key);
    if (!x.IsString())
      fail(key, "is no string");
    return {x.GetString(), x.GetStringLength()};
  }

  /// For keys that may be left out.
  std::string text_or_empty(const char* key) const {
    return doc_.HasMember(key) ? text(key) : std::string{};
  }

  std::int64_t number(const char* key) const {
    auto& x = at(key);
    if (!x.IsInt64())
      fail(key, "is no integer");
    return x.GetInt64();
  }

  bool flag(const char* key) const {
    auto& x = at(key);
    if (!x.IsBool())
      fail(key, "is neither true nor false");
    return x.GetBool();
  }

  std::vector<std::string> texts(const char* key) const {
    auto& xs = at(key);
    if (!xs.IsArray())
      fail(key, "is no array");
    std::vector<std::string> result;
    for (auto& x : xs.GetArray()) {
      if (!x.IsString())
        fail(key, "holds something that is no string");
      result.emplace_back(x.GetString(), x.GetStringLength());
    }
    return result;
  }

  protocol::failure failure() const {
    return {text("message"), text_or_empty("errorClass"),
            text_or_empty("stack")};
  }

  [[noreturn]] void fail(const char* key, const std::string& what) const {
    throw protocol_error(std::string{message_} + ": " + key + " " + what);
  }

private:
  const rapidjson::Value& at(const char* key) const {
    auto i = doc_.FindMember(key);
    if (i == doc_.MemberEnd())
      fail(key, "is missing");
    return i->value;
  }

  const char* message_;
  rapidjson::Document doc_;
};

/// Names of an enum's values, in the order of the values.
template <class Enum, std::size_t N>
Enum from_name(const std::array<const char*, N>& names, const std::string& x,
               const header& in, const char* key) {
  for (std::size_t i = 0; i < N; ++i)
    if (x == names[i])
      return static_cast<Enum>(i);
  in.fail(key, "has the unknown value " + x);
}

constexpr std::array refusals{"class-not-found", "wrong-context",
                              "loading-failed", "validation-failed",
                              "stopping"};
constexpr std::array outcomes{"finished", "error", "killed"};

template <class Enum, std::size_t N>
const char* name_of(const std::array<const char*, N>& names, Enum x) {
  return names[static_cast<std::size_t>(x)];
}

frame job_frame(kind k, std::string_view job, std::string payload = {}) {
  return make(
    k, [&](writer& out) { put(out, "job", job); }, std::move(payload));
}

} // namespace

hello parse_hello(const frame& x) {
  header in{x, "hello"};
  hello result;
  result.protocol = static_cast<int>(in.number("protocol"));
  result.context_id = in.text("contextId");
  result.token = in.text("token");
  result.pid = in.number("pid");
  result.runtime = in.text_or_empty("runtime");
  result.ready = in.flag("ready");
  result.running = in.texts("running");
  result.ended = in.texts("ended");
  return result;
}

failure parse_context_failed(const frame& x) {
  return header{x, "context_failed"}.failure();
}

context_ready parse_context_ready(const frame& x) {
  header in{x, "context_ready"};
  return {in.text("applicationId"), in.text("webUrl"),
          in.text_or_empty("version")};
}

job_refused parse_job_refused(const frame& x) {
  header in{x, "job_refused"};
  return {in.text("job"),
          from_name<refusal>(refusals, in.text("reason"), in, "reason"),
          in.failure()};
}

job_ended parse_job_ended(const frame& x) {
  header in{x, "job_ended"};
  job_ended result;
  result.job = in.text("job");
  result.outcome
    = from_name<outcome>(outcomes, in.text("outcome"), in, "outcome");
  if (result.outcome != outcome::finished)
    result.why = in.failure();
  return result;
}

job_progress parse_job_progress(const frame& x) {
  header in{x, "job_progress"};
  return {in.text("job"), in.number("done"), in.number("total"),
          in.text_or_empty("text")};
}

log_line parse_log(const frame& x) {
  header in{x, "log"};
  return {in.text("level"), in.text("text"), in.text_or_empty("job")};
}

std::string parse_job(const frame& x) {
  return header{x, "frame about a job"}.text("job");
}

std::uint64_t parse_seq(const frame& x) {
  return static_cast<std::uint64_t>(header{x, "ping or pong"}.number("seq"));
}

frame to_frame(const run_job& x, std::string config) {
  return make(
    kind::run_job,
    [&](writer& out) {
      put(out, "job", x.job);
      put(out, "mainClass", x.main_class);
      out.Key("binaries");
      out.StartArray();
      for (auto& b : x.binaries) {
        out.StartObject();
        put(out, "name", b.name);
        put(out, "type", b.type);
        put(out, "digest", b.digest);
        put(out, "path", b.path);
        out.EndObject();
      }
      out.EndArray();
      out.Key("maxResult");
      out.Uint64(x.max_result);
      out.Key("credit");
      out.Uint64(x.credit);
      put(out, "user", x.user);
    },
    std::move(config));
}

frame welcome_frame(std::uint64_t heartbeat_ms) {
  return make(kind::welcome, [&](writer& out) {
    out.Key("protocol");
    out.Int(version);
    out.Key("heartbeatMs");
    out.Uint64(heartbeat_ms);
  });
}

frame reject_frame(std::string_view message) {
  return make(kind::reject, [&](writer& out) { put(out, "message", message); });
}

frame kill_job_frame(std::string_view job) {
  return job_frame(kind::kill_job, job);
}

frame stop_frame(std::uint64_t grace_ms) {
  return make(kind::stop, [&](writer& out) {
    out.Key("graceMs");
    out.Uint64(grace_ms);
  });
}

frame credit_frame(std::string_view job, std::uint64_t bytes) {
  return make(kind::credit, [&](writer& out) {
    put(out, "job", job);
    out.Key("bytes");
    out.Uint64(bytes);
  });
}

frame job_stored_frame(std::string_view job) {
  return job_frame(kind::job_stored, job);
}

frame seq_frame(kind k, std::uint64_t seq) {
  return make(k, [&](writer& out) {
    out.Key("seq");
    out.Uint64(seq);
  });
}

frame to_frame(const hello& x) {
  return make(kind::hello, [&](writer& out) {
    out.Key("protocol");
    out.Int(x.protocol);
    put(out, "contextId", x.context_id);
    put(out, "token", x.token);
    out.Key("pid");
    out.Int64(x.pid);
    put(out, "runtime", x.runtime);
    out.Key("ready");
    out.Bool(x.ready);
    out.Key("running");
    strings(out, x.running);
    out.Key("ended");
    strings(out, x.ended);
  });
}

frame to_frame(const context_ready& x) {
  return make(kind::context_ready, [&](writer& out) {
    put(out, "applicationId", x.application_id);
    put(out, "webUrl", x.web_url);
    put(out, "version", x.version);
  });
}

frame context_failed_frame(const failure& x) {
  return make(kind::context_failed, [&](writer& out) { put(out, x); });
}

frame job_started_frame(std::string_view job) {
  return job_frame(kind::job_started, job);
}

frame to_frame(const job_refused& x) {
  return make(kind::job_refused, [&](writer& out) {
    put(out, "job", x.job);
    put(out, "reason", name_of(refusals, x.reason));
    put(out, x.why);
  });
}

frame to_frame(const job_ended& x, std::string result) {
  return make(
    kind::job_ended,
    [&](writer& out) {
      put(out, "job", x.job);
      put(out, "outcome", name_of(outcomes, x.outcome));
      if (x.outcome != outcome::finished)
        put(out, x.why);
    },
    std::move(result));
}

frame result_part_frame(std::string_view job, std::string bytes) {
  return job_frame(kind::result_part, job, std::move(bytes));
}

} // namespace hearth::protocol
