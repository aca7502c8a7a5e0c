#include <limits>

#include <doctest/doctest.h>

#include "actors/api/messages.hpp"
#include "http/core/json.hpp"

using namespace hearth;
using namespace hearth::http;

namespace {

job_record some_job(job_state state) {
  job_record x;
  x.id = "j1";
  x.context_id = "c1";
  x.context_name = "ctx";
  x.main_class = "a.B";
  x.state = state;
  x.start_time = 1488308096523;
  x.end_time = 1488308096523 + 166;
  x.reason = {"Foobar", "java.lang.X", "at y", {}};
  x.result = R"({"a":[1,2]})";
  return x;
}

const std::string exception
  = R"({"message":"Foobar","errorClass":"java.lang.X","stack":"at y"})";

} // namespace

TEST_CASE("timestamps are ISO 8601 with milliseconds in UTC") {
  CHECK(json::timestamp(1488308096523) == "2017-02-28T18:54:56.523Z");
  CHECK(json::timestamp(0) == "1970-01-01T00:00:00.000Z");
  CHECK(json::timestamp(std::numeric_limits<millis>::min())
        == "0000-01-01T00:00:00.000Z");
  CHECK(json::timestamp(std::numeric_limits<millis>::max())
        == "9999-12-31T23:59:59.999Z");
  CHECK(json::timestamp(951782400000) == "2000-02-29T00:00:00.000Z");
  CHECK(json::timestamp(4107542399999) == "2100-02-28T23:59:59.999Z");
  CHECK(json::timestamp(4107542400000) == "2100-03-01T00:00:00.000Z");
  CHECK(json::timestamp(-1) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("durations look like Java's seconds") {
  CHECK(json::duration(5015) == "5.015 secs");
  CHECK(json::duration(50011) == "50.011 secs");
  CHECK(json::duration(2220) == "2.22 secs");
  CHECK(json::duration(166) == "0.166 secs");
  CHECK(json::duration(5000) == "5.0 secs");
  CHECK(json::duration(100) == "0.1 secs");
  CHECK(json::duration(4) == "0.004 secs");
  CHECK(json::duration(0) == "0.0 secs");
  CHECK(json::duration(-5) == "0.0 secs");
}

TEST_CASE("a running job has no result and no duration") {
  CHECK(json::job_report(some_job(job_state::running))
        == R"({"duration":"Job not done yet","classPath":"a.B",)"
           R"("startTime":"2017-02-28T18:54:56.523Z","context":"ctx",)"
           R"("status":"RUNNING","jobId":"j1","contextId":"c1"})");
}

TEST_CASE(
  "a finished job's result is spliced into its report, not into lists") {
  auto job = some_job(job_state::finished);
  CHECK(json::job_report(job)
        == R"({"duration":"0.166 secs","classPath":"a.B",)"
           R"("startTime":"2017-02-28T18:54:56.523Z","context":"ctx",)"
           R"("result":{"a":[1,2]},)"
           R"("status":"FINISHED","jobId":"j1","contextId":"c1"})");
  CHECK(json::job_list({job}).find("result") == std::string::npos);
}

TEST_CASE("details add since when a job is what it is") {
  auto job = some_job(job_state::running);
  job.run_time = job.start_time + 1;
  job.state_version = 2;
  CHECK(json::job_details(job).ends_with(
    R"("contextId":"c1","since":"2017-02-28T18:54:56.524Z","stateVersion":2})"));
  job = some_job(job_state::started);
  job.queued = 3;
  CHECK(json::job_list({job}).ends_with(R"("contextId":"c1","queued":3}])"));
  job.state = job_state::running;
  CHECK(json::job_list({job}).find("queued") == std::string::npos);
}

TEST_CASE("histories") {
  CHECK(
    json::history({"j1", "", 2, {{1, "STARTED", ""}, {2, "KILLED", "\"x\""}}})
    == R"({"jobId":"j1","stateVersion":2,"history":[)"
       R"({"time":"1970-01-01T00:00:00.001Z","state":"STARTED","reason":""},)"
       R"({"time":"1970-01-01T00:00:00.002Z","state":"KILLED",)"
       R"("reason":"\"x\""}]})");
  CHECK(json::history({"c1", "ctx", 0, {}})
        == R"({"name":"ctx","id":"c1","stateVersion":0,"history":[]})");
}

TEST_CASE("failed and killed jobs say why, in lists too") {
  for (auto state : {job_state::error, job_state::killed}) {
    auto job = some_job(state);
    CHECK(json::job_report(job).find("\"result\":" + exception)
          != std::string::npos);
    CHECK(json::job_list({job, job})
          == "[" + json::job_report(job) + "," + json::job_report(job) + "]");
  }
}

TEST_CASE("sync answers") {
  CHECK(json::job_answer(some_job(job_state::finished))
        == R"({"jobId":"j1","result":{"a":[1,2]}})");
  CHECK(json::job_answer(some_job(job_state::error))
        == R"({"jobId":"j1","status":"ERROR","result":)" + exception + "}");
  auto nothing = some_job(job_state::finished);
  nothing.result.clear();
  CHECK(json::job_answer(nothing) == R"({"jobId":"j1","result":null})");
}

TEST_CASE("answers to a kill") {
  CHECK(json::job_killed(some_job(job_state::killed))
        == R"({"status":"KILLED"})");
  CHECK(json::job_killed(some_job(job_state::error))
        == R"({"status":"ERROR","ERROR":)" + exception + "}");
}

TEST_CASE("failures are texts, or objects where an exception is known") {
  CHECK(json::failure("ERROR", {"no \"x\"", {}, {}, {}})
        == R"({"status":"ERROR","result":"no \"x\""})");
  CHECK(json::failure("ERROR", {"type \xce", {}, {}, {}})
        == R"({"status":"ERROR","result":"type ?"})");
  CHECK(json::failure("BAD", {"Foobar", "java.lang.X", "at y", {}})
        == R"({"status":"BAD","result":)" + exception + "}");
  CHECK(json::failure("ERROR", {"late", {}, {}, {}}, "j1")
        == R"({"status":"ERROR","jobId":"j1","result":{"message":"late",)"
           R"("errorClass":"","stack":""}})");
}

TEST_CASE("contexts show an end only once they ended") {
  context_record x;
  x.id = "c1";
  x.name = "ctx";
  x.state = context_state::running;
  CHECK(json::context_info(x)
        == R"({"name":"ctx","startTime":"1970-01-01T00:00:00.000Z",)"
           R"("state":"RUNNING","endTime":"Empty","id":"c1",)"
           R"("since":"1970-01-01T00:00:00.000Z","stateVersion":0})");
  x.state = context_state::error;
  x.end_time = x.since = 1;
  x.state_version = 4;
  x.application_id = "local-1";
  x.web_url = "http://h:4040";
  x.version = "3.5.7";
  x.reason.message = "gone";
  CHECK(json::context_info(x)
        == R"({"name":"ctx","startTime":"1970-01-01T00:00:00.000Z",)"
           R"("state":"ERROR","endTime":"1970-01-01T00:00:00.001Z","id":"c1",)"
           R"("since":"1970-01-01T00:00:00.001Z","stateVersion":4,)"
           R"("applicationId":"local-1","url":"http://h:4040",)"
           R"("sparkVersion":"3.5.7",)"
           R"("error":{"message":"gone","errorClass":"","stack":""}})");
}

TEST_CASE("binaries in their three forms") {
  binary_record jar{"a", binary_type::jar, {}, 0, 1};
  binary_record egg{"b", binary_type::egg, {}, 0, 2};
  CHECK(json::binary_info(egg)
        == R"({"app-name":"b","binary-type":"Egg",)"
           R"("upload-time":"1970-01-01T00:00:00.002Z"})");
  json::binary_records list{std::make_shared<const binary_record>(jar),
                            std::make_shared<const binary_record>(egg)};
  CHECK(json::binary_list(list)
        == R"({"a":{"binary-type":"Jar",)"
           R"("upload-time":"1970-01-01T00:00:00.001Z"},)"
           R"("b":{"binary-type":"Egg",)"
           R"("upload-time":"1970-01-01T00:00:00.002Z"}})");
  CHECK(json::jar_list(list) == R"({"a":"1970-01-01T00:00:00.001Z"})");
}

TEST_CASE("names and actors") {
  CHECK(json::names({}) == "[]");
  CHECK(json::names({"a", "b\n"}) == R"(["a","b\n"])");
  actor_status x{7, 1, "context", "ctx", "running", 3, 0};
  CHECK(json::actors({x})
        == R"([{"id":7,"name":"context","subject":"ctx","parent":1,)"
           R"("state":"running","mailbox":3,)"
           R"("since":"1970-01-01T00:00:00.000Z"}])");
}

TEST_CASE("members of a configuration keep their types") {
  CHECK(json::member(R"({"cp":"[a"})", "cp") == setting{"[a"});
  CHECK(json::member(R"({"cp":["a,b","c"]})", "cp")
        == setting::json(R"(["a,b","c"])"));
  CHECK(json::member(R"({"cp":{"a":true}})", "cp")
        == setting::json(R"({"a":true})"));
  CHECK_FALSE(json::member(R"({"x":{"cp":"a"}})", "cp"));
  CHECK(json::member(R"({"cp":1.50})", "cp") == setting{"1.50"});
  CHECK_FALSE(json::member("[]", "cp"));
  CHECK_FALSE(json::member(R"({"cp":null})", "cp"));
  CHECK(json::member(R"({"cp":"a","x":1,"cp":"b"})", "cp") == setting{"b"});
}

TEST_CASE("a name that is written with escapes is found") {
  CHECK(json::may_have_member(R"({"a":{"b c":1}})", "b c"));
  CHECK(json::may_have_member(R"({"\u0062":1})", "b"));
  CHECK_FALSE(json::may_have_member(R"({"a":1})", "b"));
}

TEST_CASE("the members below a name are kept with their types") {
  auto below = [](const std::string& x) { return json::members_below(x, "a"); };
  CHECK(below(R"({"b":[{"a":1}],"a":{"x":[1.10,null,true,"t",{}]},"ab":2})")
        == R"({"a":{"x":[1.10,null,true,"t",{}]}})");
  CHECK(below(R"({"a.b":123456789012345678901234567890,"\u0061":{"c":[]}})")
        == R"({"a.b":123456789012345678901234567890,"a":{"c":[]}})");
  CHECK(below(R"({"b":{"a":{"c":1}}})") == "{}");
  CHECK(below("{}") == "{}");
}
