#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include <doctest/doctest.h>

#include "runtime/protocol/messages.hpp"
#include "runtime/protocol/start_file.hpp"

using namespace hearth;
using namespace hearth::protocol;
using namespace std::string_literals;

namespace {

const std::string tricky = "a \"b\" \\ \n\t \x01 ä 𝄞 </script>";

const failure some_failure{"no\n\"way\"", "java.lang.Error", "at a\nat b"};

hello some_hello() {
  return {1,    "c-1",          "00ff", 4711, "spark 3.5.7 scala 2.12",
          true, {"j-1", "j-2"}, {"j-3"}};
}

run_job some_run_job() {
  return {"j-1",
          "spark.jobserver.WordCountExample",
          {{"wc", "Jar", "ab12", "/data/ab12.jar"},
           {"dep", "Jar", "cd34", "/data/cd34.jar"}},
          1'073'741'824,
          1'048'576,
          "alice",
          20};
}

/// One frame of each kind, as in runtime/protocol/golden.txt.
std::map<std::string, frame> golden_frames() {
  return {
    {"hello", to_frame(some_hello())},
    {"context_ready",
     to_frame(context_ready{"local-1", "http://127.0.0.1:4040", "3.5.7"})},
    {"context_failed", context_failed_frame({"no master", "E", "at x"})},
    {"job_started", job_started_frame("j-1")},
    {"job_refused",
     to_frame(job_refused{
       "j-1", refusal::validation_failed, {"no input.string", "V", "at v"}})},
    {"job_progress", to_frame(job_progress{"j-1", 3, 10, "stage 1"})},
    {"log", to_frame(log_line{"INFO", "grüße", "j-1"})},
    {"result_part", result_part_frame("j-1", "[1,2,")},
    {"job_ended_finished",
     to_frame(job_ended{"j-1", outcome::finished, {}}, "{\"a\":1}")},
    {"job_ended_error",
     to_frame(job_ended{"j-1", outcome::error, {"boom", "E", "at y"}}, "")},
    {"agent_pong", seq_frame(kind::agent_pong, 7)},
    {"agent_ping", seq_frame(kind::agent_ping, 8)},
    {"stopping", stopping_frame()},
    {"read_file",
     to_frame(read_file{"j-1", 7, "a.dat", "", max_block, max_block})},
    {"welcome", welcome_frame(5000)},
    {"reject", reject_frame("wrong token")},
    {"run_job", to_frame(some_run_job(), "{\"input\":{\"string\":\"a b\"}}")},
    {"kill_job", kill_job_frame("j-1")},
    {"stop", stop_frame(10000)},
    {"server_ping", seq_frame(kind::server_ping, 9)},
    {"server_pong", seq_frame(kind::server_pong, 8)},
    {"credit", credit_frame("j-1", 262144)},
    {"job_stored", job_stored_frame("j-1")},
    {"file_block", to_frame(file_block{7, max_block + 3, ""}, "end")},
  };
}

std::string hex(const std::string& bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string result;
  for (unsigned char c : bytes) {
    result += digits[c >> 4];
    result += digits[c & 15];
  }
  return result;
}

void check_equal(const failure& x, const failure& y) {
  CHECK(x.message == y.message);
  CHECK(x.error_class == y.error_class);
  CHECK(x.stack == y.stack);
}

} // namespace

TEST_CASE("each kind of frame has the bytes of the golden file") {
  std::ifstream file{GOLDEN_FRAMES};
  REQUIRE(file);
  auto frames = golden_frames();
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#')
      continue;
    std::istringstream in{line};
    std::string name;
    std::string bytes;
    in >> name >> bytes;
    CAPTURE(name);
    REQUIRE(frames.count(name) == 1);
    std::string ours;
    encode(frames[name], ours);
    CHECK(hex(ours) == bytes);
    frames.erase(name);
  }
  CHECK(frames.empty());
}

TEST_CASE("agents' messages come back as they were sent") {
  auto h = some_hello();
  h.runtime = tricky;
  auto h2 = parse_hello(to_frame(h));
  CHECK(h2.protocol == 1);
  CHECK(h2.context_id == h.context_id);
  CHECK(h2.token == h.token);
  CHECK(h2.pid == h.pid);
  CHECK(h2.runtime == tricky);
  CHECK(h2.ready);
  CHECK(h2.running == h.running);
  CHECK(h2.ended == h.ended);

  auto ready = parse_context_ready(to_frame(context_ready{"app", "", "3.5"}));
  CHECK(ready.application_id == "app");
  CHECK(ready.web_url.empty());
  CHECK(ready.version == "3.5");

  check_equal(parse_context_failed(context_failed_frame(some_failure)),
              some_failure);
  CHECK(parse_job(job_started_frame(tricky)) == tricky);

  for (auto reason : {refusal::class_not_found, refusal::wrong_context,
                      refusal::loading_failed, refusal::validation_failed,
                      refusal::stopping}) {
    auto x
      = parse_job_refused(to_frame(job_refused{"j", reason, some_failure}));
    CHECK(x.job == "j");
    CHECK(x.reason == reason);
    check_equal(x.why, some_failure);
  }

  auto progress = parse_job_progress(
    to_frame(job_progress{"j", -1, std::int64_t{1} << 40, "t"}));
  CHECK(progress.job == "j");
  CHECK(progress.done == -1);
  CHECK(progress.total == std::int64_t{1} << 40);
  CHECK(progress.text == "t");

  CHECK(parse_log(to_frame(log_line{"WARN", tricky, ""})).job.empty());
  auto line = parse_log(to_frame(log_line{"WARN", tricky, "j"}));
  CHECK(line.level == "WARN");
  CHECK(line.text == tricky);
  CHECK(line.job == "j");

  auto part = result_part_frame("j", "bytes");
  CHECK(parse_job(part) == "j");
  CHECK(part.payload == "bytes");
  CHECK_FALSE(parse_streamed(part));
  part.header = R"({"job":"j","streamed":true})";
  CHECK(parse_streamed(part));

  auto wanted = parse_read_file(to_frame(read_file{"j", 7, tricky, "", 5, 6}));
  CHECK(wanted.job == "j");
  CHECK(wanted.request == 7);
  CHECK(wanted.data == tricky);
  CHECK(wanted.offset == 5);
  CHECK(wanted.length == 6);
  CHECK(parse_read_file(to_frame(read_file{"j", 7, "", "a12", 0, 1})).digest
        == "a12");

  for (auto how : {outcome::error, outcome::killed}) {
    auto x = parse_job_ended(to_frame(job_ended{"j", how, some_failure}, ""));
    CHECK(x.job == "j");
    CHECK(x.outcome == how);
    check_equal(x.why, some_failure);
  }
  auto done = to_frame(job_ended{"j", outcome::finished, {}}, "[1]");
  CHECK(parse_job_ended(done).outcome == outcome::finished);
  CHECK(parse_job(done) == "j");
  CHECK(done.payload == "[1]");

  for (auto k : {kind::agent_ping, kind::agent_pong, kind::server_ping,
                 kind::server_pong}) {
    CHECK(seq_frame(k, 5).kind == k);
    CHECK(parse_seq(seq_frame(k, ~std::uint64_t{0})) == ~std::uint64_t{0});
  }
}

TEST_CASE("the server's messages come back as they were sent") {
  auto greeting = parse_welcome(welcome_frame(5000));
  CHECK(greeting.protocol == version);
  CHECK(greeting.heartbeat_ms == 5000);
  CHECK(parse_reject(reject_frame(tricky)) == tricky);
  CHECK(parse_stop(stop_frame(10)) == 10);
  CHECK(parse_job(kill_job_frame("j")) == "j");
  CHECK(parse_job(job_stored_frame("j")) == "j");
  auto more = parse_credit(credit_frame("j", 42));
  CHECK(more.job == "j");
  CHECK(more.bytes == 42);
  auto block = to_frame(file_block{7, 9, {}}, "bytes");
  CHECK(block.payload == "bytes");
  CHECK(parse_file_block(block).request == 7);
  CHECK(parse_file_block(block).size == 9);
  CHECK(parse_file_block(block).error.empty());
  CHECK(parse_file_block(to_frame(file_block{7, 0, tricky}, "")).error
        == tricky);

  auto x = some_run_job();
  auto sent = to_frame(x, "{}");
  CHECK(sent.payload == "{}");
  CHECK(parse_job(sent) == "j-1");
  auto y = parse_run_job(sent);
  CHECK(y.job == x.job);
  CHECK(y.main_class == x.main_class);
  CHECK(y.max_result == x.max_result);
  CHECK(y.credit == x.credit);
  CHECK(y.user == x.user);
  CHECK(y.started_after_ms == 20);
  REQUIRE(y.binaries.size() == 2);
  CHECK(y.binaries[0].name == "wc");
  CHECK(y.binaries[1].type == "Jar");
  CHECK(y.binaries[1].digest == "cd34");
  CHECK(y.binaries[1].path == "/data/cd34.jar");
  x.binaries.clear();
  CHECK(parse_run_job(to_frame(x, "")).binaries.empty());
}

TEST_CASE("unknown keys are ignored, whatever they hold") {
  frame x{kind::job_started,
          R"({"a":[1,{"job":"no"},[null,[true]]],"b":{"job":{"job":2.5}},)"
          R"("job":"j","c":-1e9,"d":null})",
          ""};
  CHECK(parse_job(x) == "j");
  CHECK(
    parse_log({kind::log, R"({"x":[[]],"level":"l","text":"t","y":{}})", ""})
      .text
    == "t");
  auto run = parse_run_job(
    {kind::run_job,
     R"({"job":"j","mainClass":"M","binaries":[{"new":[{"name":1}],"name":"n",)"
     R"("type":"Jar","digest":"d","path":"p","newer":null}],"maxResult":1,)"
     R"("credit":2,"user":""})",
     ""});
  REQUIRE(run.binaries.size() == 1);
  CHECK(run.binaries[0].name == "n");
  CHECK(run.binaries[0].path == "p");
  CHECK(run.started_after_ms == 0);
}

TEST_CASE("the job of a frame is found without reading what follows it") {
  CHECK(parse_job({kind::job_ended, R"({"job":"j",)", ""}) == "j");
}

TEST_CASE("white space, escapes and the order of keys change nothing") {
  for (const std::string header :
       {R"({"job":"j","outcome":"finished"})",
        R"({"outcome":"finished","job":"j"})",
        R"({"job":"no","outcome":"killed","outcome":"finished","job":"j"})",
        R"( { "job" : "j" , "outcome" : "finished" } )",
        R"({"job":"\u006a","outcome":"finished"})",
        R"({"a":"","job":"j","b":1,"outcome":"finished","c":"ä"})"}) {
    CAPTURE(header);
    auto x = parse_job_ended({kind::job_ended, header, ""});
    CHECK(x.job == "j");
    CHECK(x.outcome == outcome::finished);
  }
}

TEST_CASE("a header ends with its object") {
  for (const std::string header :
       {R"({"job":"j","outcome":"finished"}})",
        R"({"job":"j","outcome":"finished",})",
        R"({"job":"j","outcome":"finished")", R"({"job":"j","outcome":"fini)",
        "{\"job\":\"j\n\",\"outcome\":\"finished\"}"}) {
    CAPTURE(header);
    CHECK_THROWS_AS(parse_job_ended({kind::job_ended, header, ""}),
                    protocol_error);
  }
}

TEST_CASE("what JSON escapes is seen wherever it is in a text") {
  for (const std::string odd : {"\"", "\\", "\n", "\x1f", "ä"})
    for (std::size_t size = 0; size < 20; ++size)
      for (std::size_t at = 0; at <= size; ++at) {
        auto text = std::string(size, 'x').insert(at, odd);
        CAPTURE(text);
        CHECK(parse_job(job_started_frame(text)) == text);
      }
}

TEST_CASE("headers that break the rules name message and key") {
  struct broken {
    std::function<void(const frame&)> parse;
    kind k;
    std::string header;
    const char* message;
  };
  const auto job = [](const frame& x) { parse_job(x); };
  const auto ended = [](const frame& x) { parse_job_ended(x); };
  const auto refused = [](const frame& x) { parse_job_refused(x); };
  const auto hello = [](const frame& x) { parse_hello(x); };
  const auto run = [](const frame& x) { parse_run_job(x); };
  const auto seq = [](const frame& x) { parse_seq(x); };
  const std::string run_head
    = R"({"job":"j","mainClass":"M","maxResult":1,"credit":2,"user":"",)";
  const std::vector<broken> table{
    {job, kind::job_started, "{}", "job_started: missing key 'job'"},
    {job, kind::result_part, R"({"job":1})",
     "result_part: wrong type of key 'job'"},
    {job, kind::job_ended, R"({"job":null})",
     "job_ended: wrong type of key 'job'"},
    {job, kind::job_started, R"({"job":["j"]})",
     "job_started: wrong type of key 'job'"},
    {job, kind::job_started, R"({"job":{"job":"j"}})",
     "job_started: wrong type of key 'job'"},
    {seq, kind::agent_ping, R"({"seq":-1})", "ping: wrong type of key 'seq'"},
    {seq, kind::agent_ping, R"({"seq":1.5})", "ping: wrong type of key 'seq'"},
    {seq, kind::agent_pong, R"({"seq":"1"})", "pong: wrong type of key 'seq'"},
    {seq, kind::agent_pong, "{\"seq\":1}\0"s + "x",
     "pong: header is no JSON: bytes after the object"},
    {ended, kind::job_ended, R"({"job":"j","outcome":"fine"})",
     "job_ended: unknown value 'fine' of key 'outcome'"},
    {ended, kind::job_ended, R"({"job":"j"})",
     "job_ended: missing key 'outcome'"},
    {ended, kind::job_ended, R"({"job":"j","outcome":"error","message":""})",
     "job_ended: missing key 'errorClass'"},
    {refused, kind::job_refused,
     R"({"job":"j","reason":"no","message":"","errorClass":"","stack":""})",
     "job_refused: unknown value 'no' of key 'reason'"},
    {hello, kind::hello, R"({"running":[1]})",
     "hello: wrong type of key 'running'"},
    {hello, kind::hello, R"({"running":"j"})",
     "hello: wrong type of key 'running'"},
    {hello, kind::hello, R"({"ready":1})", "hello: wrong type of key 'ready'"},
    {hello, kind::hello, R"({"pid":9223372036854775808})",
     "hello: wrong type of key 'pid'"},
    {run, kind::run_job, run_head + R"("binaries":[{"name":"n"}]})",
     "run_job: wrong type of key 'binaries'"},
    {run, kind::run_job, run_head + R"("binaries":[{"name":{}}]})",
     "run_job: wrong type of key 'binaries'"},
    {run, kind::run_job, run_head + R"("binaries":["n"]})",
     "run_job: wrong type of key 'binaries'"},
  };
  for (const auto& x : table) {
    CAPTURE(x.header);
    CHECK_THROWS_WITH_AS(x.parse({x.k, x.header, ""}), x.message,
                         protocol_error);
  }
}

TEST_CASE("a header that is no JSON object in UTF-8 is refused") {
  for (const std::string header :
       {"", " ", "1", "null", "\"job\"", "[]", "[{\"job\":\"j\"}]", "{",
        "{\"job\":}", "{\"job\" \"j\"}", "{'job':'j'}", "{\"jo\":\"\xff\"}",
        "{\"jo\":\"\xc0\xaf\"}", "{\"jo\":\"\xed\xa0\x80\"}",
        "{\"jo\":\"\xf4\x90\x80\x80\"}", "{\"jo\":\"\\ud800\"}", "{} {}"}) {
    CAPTURE(header);
    CHECK_THROWS_AS(parse_job({kind::job_started, header, ""}), protocol_error);
  }
}

TEST_CASE("deep nesting is refused, not followed") {
  for (const std::string open : {"[", "{\"a\":"}) {
    std::string header = "{\"a\":";
    while (header.size() < max_header - open.size())
      header += open;
    CHECK_THROWS_AS(parse_job({kind::job_started, header, ""}), protocol_error);
  }
}

TEST_CASE("text that is not UTF-8 is not sent") {
  CHECK_THROWS_AS(reject_frame("\xff"), protocol_error);
  auto x = some_run_job();
  x.user = "\xc3"s;
  CHECK_THROWS_AS(to_frame(x, "{}"), protocol_error);
}

TEST_CASE("settings are read as they were written, with their types") {
  settings_map all{{"a", "[::1]"},
                   {"b", setting::json(R"(["x,y",1.10,{"k":[null]}])")},
                   {"c", setting::json("{}")},
                   {"d", setting::json("-1.50e300")},
                   {"e", setting::json("123456789012345678901234567890")},
                   {"f", setting::json("true")},
                   {"g", "1"},
                   {"x,y \"z\"", ""}};
  CHECK(parse_settings(to_json(all)) == all);
  start_file file;
  file.context_id = "c";
  file.settings = all;
  file.spark_conf = {{"settings", "s"}};
  file.jars = {"a,b.jar"};
  file.heartbeat_ms = 7;
  auto got = parse_start_file(to_json(file));
  CHECK(got.settings == all);
  CHECK(got.spark_conf == file.spark_conf);
  CHECK(got.jars == file.jars);
  CHECK(got.heartbeat_ms == 7);
  for (auto text : {R"({"settings":[1]})", R"({"settings":"x"})",
                    R"({"heartbeatMs":1.5})", R"({"heartbeatMs":[]})"})
    CHECK_THROWS_AS(parse_start_file(text), protocol_error);
}
