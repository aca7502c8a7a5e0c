#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "runtime/protocol/messages.hpp"
#include "runtime/protocol/names.hpp"
#include "runtime/protocol/plain.hpp"

namespace hearth::protocol {

namespace {

/// Most headers are smaller, bytes.
constexpr std::size_t usual_header = 512;

/// The text in quotes. @throws protocol_error if it is not UTF-8
std::string escaped(kind k, std::string_view x) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>,
                    rapidjson::UTF8<>, rapidjson::CrtAllocator,
                    rapidjson::kWriteValidateEncodingFlag>
    out{buffer};
  if (!out.String(x.data(), static_cast<rapidjson::SizeType>(x.size())))
    throw protocol_error(std::string(name_of(k)) + ": text is not UTF-8");
  return {buffer.GetString(), buffer.GetSize()};
}

/// Writes JSON. RapidJSON looks at texts character by character; most need no
/// escapes and go in as they are, it does the others.
class text {
public:
  /// @param k the kind of the frame, for errors
  explicit text(kind k) : kind_(k) {
    out_.reserve(usual_header);
  }

  text& open(char bracket) {
    return put(comma(), {&bracket, 1}, {});
  }

  text& close(char bracket) {
    return put({}, {&bracket, 1}, {});
  }

  text& add(std::string_view value) {
    return is_plain(value) ? put(comma_quote(), value, "\"")
                           : put(comma(), escaped(kind_, value), {});
  }

  /// @param x needs no escapes
  text& key(std::string_view x) {
    return put(comma_quote(), x, "\":");
  }

  text& add(std::string_view k, std::string_view value) {
    return key(k).add(value);
  }

  template <class T>
  text& add_number(std::string_view k, T value) {
    std::array<char, 24> digits{};
    auto* end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    return key(k).put({}, {digits.begin(), end}, {});
  }

  text& add_flag(std::string_view k, bool value) {
    return key(k).put({}, value ? "true" : "false", {});
  }

  std::string done() {
    return std::move(out_);
  }

private:
  /// No value ends with one of the characters that nothing is put behind.
  bool follows() const {
    return !out_.empty() && out_.back() != '{' && out_.back() != '['
           && out_.back() != ':';
  }

  std::string_view comma() const {
    return follows() ? "," : "";
  }

  std::string_view comma_quote() const {
    return follows() ? ",\"" : "\"";
  }

  /// All at once: a string grows rather slowly.
  text& put(std::string_view before, std::string_view x,
            std::string_view after) {
    auto at = out_.size();
    out_.resize(at + before.size() + x.size() + after.size());
    auto* to = out_.data() + at;
    for (char c : before)
      *to++ = c;
    to = std::copy(x.begin(), x.end(), to);
    for (char c : after)
      *to++ = c;
    return *this;
  }

  kind kind_;
  std::string out_;
};

/// Writes one JSON object.
class object {
public:
  explicit object(kind k) : kind_(k), text_(k) {
    text_.open('{');
  }

  object(const object&) = delete;
  object& operator=(const object&) = delete;

  object& add(const char* key, std::string_view value) {
    text_.add(key, value);
    return *this;
  }

  object& add(const char* key, std::int64_t value) {
    text_.add_number(key, value);
    return *this;
  }

  object& add(const char* key, std::uint64_t value) {
    text_.add_number(key, value);
    return *this;
  }

  object& add_flag(const char* key, bool value) {
    text_.add_flag(key, value);
    return *this;
  }

  object& add(const char* key, const std::vector<std::string>& values) {
    text_.key(key).open('[');
    for (const auto& x : values)
      text_.add(x);
    text_.close(']');
    return *this;
  }

  object& add(const char* key, const std::vector<binary_ref>& values) {
    text_.key(key).open('[');
    for (const auto& x : values)
      text_.open('{')
        .add("name", x.name)
        .add("type", x.type)
        .add("digest", x.digest)
        .add("path", x.path)
        .close('}');
    text_.close(']');
    return *this;
  }

  object& add(const failure& x) {
    add("message", x.message).add("errorClass", x.error_class);
    return add("stack", x.stack);
  }

  frame done(std::string payload = {}) {
    return {kind_, text_.close('}').done(), std::move(payload)};
  }

private:
  kind kind_;
  text text_;
};

} // namespace

std::string to_json(const std::vector<binary_ref>& xs) {
  text result{kind::run_job};
  result.open('[');
  for (const auto& x : xs)
    result.open('{').add("name", x.name).add("digest", x.digest).close('}');
  return result.close(']').done();
}

frame to_frame(const run_job& x, std::string config) {
  return object{kind::run_job}
    .add("job", x.job)
    .add("mainClass", x.main_class)
    .add("binaries", x.binaries)
    .add("maxResult", x.max_result)
    .add("credit", x.credit)
    .add("user", x.user)
    .add("startedAfterMs", x.started_after_ms)
    .done(std::move(config));
}

frame welcome_frame(std::uint64_t heartbeat_ms) {
  return object{kind::welcome}
    .add("protocol", std::int64_t{version})
    .add("heartbeatMs", heartbeat_ms)
    .done();
}

frame reject_frame(std::string_view message) {
  return object{kind::reject}.add("message", message).done();
}

frame kill_job_frame(std::string_view job) {
  return object{kind::kill_job}.add("job", job).done();
}

frame stop_frame(std::uint64_t grace_ms) {
  return object{kind::stop}.add("graceMs", grace_ms).done();
}

frame credit_frame(std::string_view job, std::uint64_t bytes) {
  return object{kind::credit}.add("job", job).add("bytes", bytes).done();
}

frame job_stored_frame(std::string_view job) {
  return object{kind::job_stored}.add("job", job).done();
}

frame to_frame(const file_block& x, std::string bytes) {
  object result{kind::file_block};
  result.add("request", x.request).add("size", x.size);
  if (!x.error.empty())
    result.add("error", x.error);
  return result.done(std::move(bytes));
}

frame seq_frame(kind k, std::uint64_t seq) {
  return object{k}.add("seq", seq).done();
}

frame to_frame(const hello& x) {
  return object{kind::hello}
    .add("protocol", std::int64_t{x.protocol})
    .add("contextId", x.context_id)
    .add("token", x.token)
    .add("pid", x.pid)
    .add("runtime", x.runtime)
    .add_flag("ready", x.ready)
    .add("running", x.running)
    .add("ended", x.ended)
    .done();
}

frame to_frame(const context_ready& x) {
  return object{kind::context_ready}
    .add("applicationId", x.application_id)
    .add("webUrl", x.web_url)
    .add("version", x.version)
    .done();
}

frame context_failed_frame(const failure& x) {
  return object{kind::context_failed}.add(x).done();
}

frame job_started_frame(std::string_view job) {
  return object{kind::job_started}.add("job", job).done();
}

frame to_frame(const job_refused& x) {
  return object{kind::job_refused}
    .add("job", x.job)
    .add("reason", text_of(refusal_names, x.reason))
    .add(x.why)
    .done();
}

frame to_frame(const job_progress& x) {
  return object{kind::job_progress}
    .add("job", x.job)
    .add("done", x.done)
    .add("total", x.total)
    .add("text", x.text)
    .done();
}

frame to_frame(const log_line& x) {
  object result{kind::log};
  result.add("level", x.level).add("text", x.text);
  if (!x.job.empty())
    result.add("job", x.job);
  return result.done();
}

frame result_part_frame(std::string_view job, std::string bytes) {
  return object{kind::result_part}.add("job", job).done(std::move(bytes));
}

frame to_frame(const job_ended& x, std::string result) {
  object header{kind::job_ended};
  header.add("job", x.job).add("outcome", text_of(outcome_names, x.outcome));
  if (x.outcome != outcome::finished)
    header.add(x.why);
  return header.done(std::move(result));
}

frame stopping_frame() {
  return object{kind::stopping}.done();
}

frame to_frame(const read_file& x) {
  object result{kind::read_file};
  result.add("job", x.job).add("request", x.request);
  if (x.data.empty())
    result.add("digest", x.digest);
  else
    result.add("data", x.data);
  return result.add("offset", x.offset).add("length", x.length).done();
}

} // namespace hearth::protocol
