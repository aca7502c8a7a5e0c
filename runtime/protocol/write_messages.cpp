#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "runtime/protocol/messages.hpp"
#include "runtime/protocol/names.hpp"

namespace hearth::protocol {

namespace {

/// Most headers are smaller, bytes.
constexpr std::size_t usual_header = 512;

constexpr std::uint64_t each(unsigned char x) noexcept {
  return 0x0101010101010101U * x;
}

/// Whether one of the eight bytes is less than `n`, up to 0x80, or has its
/// highest bit set. From "Bit Twiddling Hacks", S. E. Anderson.
constexpr bool has_less_or_high(std::uint64_t x, unsigned char n) noexcept {
  return (((x - each(n)) | x) & each(0x80)) != 0;
}

/// Whether JSON has the text as it is: ASCII, nothing to escape.
bool is_plain(std::string_view x) noexcept {
  constexpr std::size_t step = sizeof(std::uint64_t);
  // Spaces fill up what is left: they are plain.
  for (std::size_t i = 0; i < x.size(); i += step) {
    auto eight = each(' ');
    std::memcpy(&eight, x.data() + i, std::min(step, x.size() - i));
    if (has_less_or_high(eight, 0x20) || has_less_or_high(eight ^ each('"'), 1)
        || has_less_or_high(eight ^ each('\\'), 1))
      return false;
  }
  return true;
}

/// RapidJSON looks at texts character by character; most need no escapes, and
/// go in as they are. Its own writer does the others, and checks their UTF-8.
class writer
  : public rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>,
                             rapidjson::UTF8<>, rapidjson::CrtAllocator,
                             rapidjson::kWriteValidateEncodingFlag> {
public:
  using Writer::Writer;

  /// @returns false if the text is not UTF-8
  bool text(std::string_view x) {
    if (!is_plain(x))
      return String(x.data(), static_cast<rapidjson::SizeType>(x.size()));
    Prefix(rapidjson::kStringType);
    auto* to = os_->Push(x.size() + 2);
    *to++ = '"';
    *std::copy(x.begin(), x.end(), to) = '"';
    return EndValue(true);
  }
};

/// Writes one JSON object; the members are called in the order of README.md.
class object {
public:
  explicit object(kind k) {
    result_.kind = k;
    writer_.StartObject();
  }

  object(const object&) = delete;
  object& operator=(const object&) = delete;

  object& add(const char* key, std::string_view value) {
    writer_.text(key);
    return add(value);
  }

  object& add(const char* key, std::int64_t value) {
    writer_.text(key);
    writer_.Int64(value);
    return *this;
  }

  object& add(const char* key, std::uint64_t value) {
    writer_.text(key);
    writer_.Uint64(value);
    return *this;
  }

  object& add_flag(const char* key, bool value) {
    writer_.text(key);
    writer_.Bool(value);
    return *this;
  }

  object& add(const char* key, const std::vector<std::string>& values) {
    writer_.text(key);
    writer_.StartArray();
    for (const auto& x : values)
      add(x);
    writer_.EndArray();
    return *this;
  }

  object& add(const char* key, const std::vector<binary_ref>& values) {
    writer_.text(key);
    writer_.StartArray();
    for (const auto& x : values) {
      writer_.StartObject();
      add("name", x.name).add("type", x.type);
      add("digest", x.digest).add("path", x.path);
      writer_.EndObject();
    }
    writer_.EndArray();
    return *this;
  }

  object& add(const failure& x) {
    add("message", x.message).add("errorClass", x.error_class);
    return add("stack", x.stack);
  }

  frame done(std::string payload = {}) {
    writer_.EndObject();
    result_.header.assign(buffer_.GetString(), buffer_.GetSize());
    result_.payload = std::move(payload);
    return std::move(result_);
  }

private:
  object& add(std::string_view value) {
    if (!writer_.text(value))
      throw protocol_error(std::string(name_of(result_.kind))
                           + ": text is not UTF-8");
    return *this;
  }

  frame result_;
  rapidjson::StringBuffer buffer_{nullptr, usual_header};
  writer writer_{buffer_};
};

} // namespace

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
