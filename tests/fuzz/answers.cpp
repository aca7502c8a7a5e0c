// Answers are JSON that says what the records say, whatever texts are in them.
// The lines of the input are the texts.

#include <cstring>
#include <memory>

#include <rapidjson/document.h>

#include "actors/api/messages.hpp"
#include "http/core/json.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

rapidjson::Document tried(std::string_view text) {
  rapidjson::Document result;
  result.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  return result;
}

rapidjson::Document parsed(std::string_view text) {
  auto result = tried(text);
  require(!result.HasParseError(), "an answer is JSON");
  return result;
}

void check_text(const rapidjson::Value& in, const char* key,
                std::string_view expected) {
  require(in.IsObject() && in.HasMember(key) && in[key].IsString(),
          "a member is there");
  require_equal({in[key].GetString(), in[key].GetStringLength()}, expected,
                "a text is what was recorded");
}

millis number(std::string_view text) {
  millis result = 0;
  std::memcpy(&result, text.data(), std::min(text.size(), sizeof(result)));
  return result;
}

job_record read_job(std::string_view input) {
  job_record x;
  for (auto* text : {&x.id, &x.context_id, &x.context_name, &x.main_class,
                     &x.reason.message, &x.reason.error_class, &x.reason.stack})
    *text = take(input);
  x.state = static_cast<job_state>(1 + input.size() % 6);
  x.start_time = number(take(input)) / 2;
  x.end_time = number(take(input)) / 2;
  // A result is JSON, for agents write nothing else; without the numbers that
  // RapidJSON does not have, for it reads the answers.
  auto fits = is_json(input) && !tried(input).HasParseError();
  x.result = fits ? std::string{input} : "[1]";
  return x;
}

void check_job(const job_record& x) {
  auto details = parsed(http::json::job_details(x));
  check_text(details, "jobId", x.id);
  check_text(details, "context", x.context_name);
  check_text(details, "classPath", x.main_class);
  check_text(details, "status", to_string(x.state));
  if (x.state == job_state::error || x.state == job_state::killed) {
    check_text(details["result"], "message", x.reason.message);
    check_text(details["result"], "stack", x.reason.stack);
  }
  auto finished = x;
  finished.state = job_state::finished;
  auto around = http::json::job_report_around(finished);
  require_equal(around.before + x.result + around.behind,
                http::json::job_details(finished),
                "a streamed report is the same report");
  around = http::json::job_answer_around(finished);
  require_equal(around.before + x.result + around.behind,
                http::json::job_answer(finished),
                "a streamed answer is the same answer");
  parsed(http::json::job_list({x, finished}));
  parsed(http::json::job_killed(x));
  parsed(http::json::progress(x, {1, 2, x.reason.message}));
  check_text(parsed(http::json::failure(x.id, x.reason, x.main_class)),
             "status", x.id);
}

} // namespace

void one(std::string_view input) {
  auto job = read_job(input);
  check_job(job);
  check_text(parsed(http::json::status(job.id, "x" + job.main_class)), "result",
             "x" + job.main_class);
  require(http::json::timestamp(number(input)).size() == 24,
          "a time has a fixed length");
  parsed(http::json::binary_list(
    {std::make_shared<const binary_record>(
       binary_record{job.id, binary_type::jar, {}, 0, 1}),
     std::make_shared<const binary_record>(
       binary_record{job.context_id, {}, {}, 0, 1})}));
  parsed(http::json::names({job.id, job.main_class}));
  parsed(http::json::history(
    {job.id, job.context_name, 1, {{1, job.main_class, job.reason.stack}}}));
  if (auto x = http::json::member(job.result, "cp"); x && is_utf8(job.result))
    require(is_utf8(x->text), "a parameter of the body is UTF-8");
}

} // namespace hearth::fuzz
