#include <algorithm>

#include <caf/scheduler/test_coordinator.hpp>
#include <doctest/doctest.h>

#include "fakes.hpp"
#include "http/routes.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace hearth::http;

namespace {

class fake_exchange final : public exchange {
public:
  response got;

private:
  void send(response x) override {
    got = std::move(x);
  }
};

struct test_config : system_config {
  test_config() {
    set("scheduler.policy", caf::atom("testing"));
  }
};

/// Routes over fake actors on the deterministic scheduler, without sockets.
struct fixture {
  test_config config;
  script todo;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  edge e{system,
         {system.spawn(fake_supervisor, &todo),
          system.spawn(fake_binaries, &todo), system.spawn(fake_store)},
         {},
         fake_parsers(),
         {}};
  job_request job;         ///< the last one that was run
  context_request context; ///< the last one that was created
  binary_upload upload;    ///< the last one that was stored

  fixture() {
    sched.run();
    todo.run = [this](const job_request& x) -> caf::result<job_record> {
      job = x;
      auto record = finished_job("j1");
      if (!x.sync)
        record.state = job_state::started;
      return record;
    };
    todo.create
      = [this](const context_request& x) -> caf::result<context_record> {
      context = x;
      return context_record{};
    };
    todo.put = [this](const binary_upload& x) -> caf::result<binary_record> {
      upload = x;
      return binary_record{};
    };
  }

  ~fixture() {
    caf::anon_send_exit(e.actors.supervisor, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.binaries, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.store, caf::exit_reason::kill);
    sched.run();
  }

  std::shared_ptr<fake_exchange> start(method verb, std::string_view target,
                                       const std::string& body = {},
                                       std::string_view type = {},
                                       std::string_view origin = {}) {
    auto x = std::make_shared<fake_exchange>();
    x->in.verb = verb;
    x->in.raw_target = target;
    x->in.shared_body = std::make_shared<std::string>(body);
    x->in.body = *x->in.shared_body;
    x->in.content_type = type;
    x->in.origin = origin;
    dispatch(e, x);
    return x;
  }

  response call(method verb, std::string_view target,
                const std::string& body = {}, std::string_view type = {},
                std::string_view origin = {}) {
    auto x = start(verb, target, body, type, origin);
    sched.run();
    return x->got;
  }

  response get(std::string_view target) {
    return call(method::get, target);
  }

  response post(std::string_view target, const std::string& body = {},
                std::string_view type = {}) {
    return call(method::post, target, body, type);
  }
};

std::string header(const response& x, std::string_view name) {
  for (const auto& [key, value] : x.headers)
    if (key == name)
      return value;
  return {};
}

std::string error(const std::string& text) {
  return R"({"status":"ERROR","result":")" + text + "\"}";
}

const std::string zip = "PK\3\4 and more";

} // namespace

TEST_CASE("patterns match decoded segments") {
  using path = std::vector<std::string>;
  CHECK(matches("/", path{}));
  CHECK(matches("/jobs", path{"jobs"}));
  CHECK_FALSE(matches("/jobs", path{}));
  CHECK_FALSE(matches("/jobs", path{"Jobs"}));
  CHECK_FALSE(matches("/jobs", path{"jobs", "x"}));
  CHECK(matches("/jobs/*", path{"jobs", "a/b"}));
  CHECK_FALSE(matches("/jobs/*", path{"jobs"}));
  CHECK(matches("/jobs/*/config", path{"jobs", "x", "config"}));
  CHECK_FALSE(matches("/jobs/*/config", path{"jobs", "x", "log"}));
}

TEST_CASE("no two routes take the same request") {
  for (const auto& a : routes())
    CHECK(std::count_if(routes().begin(), routes().end(),
                        [&](const auto& b) {
                          return a.verb == b.verb && a.pattern == b.pattern;
                        })
          == 1);
}

TEST_CASE_FIXTURE(fixture, "unknown paths are 404, wrong methods 405") {
  auto x = get("/nonsense");
  CHECK(x.status == 404);
  CHECK(x.body == error("The requested resource could not be found."));
  x = post("/healthz");
  CHECK(x.status == 405);
  CHECK(header(x, "Allow") == "GET, HEAD, OPTIONS");
  x = call(method::other, "/contexts/ctx");
  CHECK(x.status == 405);
  CHECK(header(x, "Allow") == "GET, HEAD, POST, DELETE, OPTIONS");
}

TEST_CASE_FIXTURE(fixture, "preflights allow every method of the path") {
  auto x = start(method::options, "/jobs/x", {}, {}, "http://a.example");
  CHECK(x->got.status == 200);
  CHECK(x->got.body.empty());
  CHECK(header(x->got, "Access-Control-Allow-Methods")
        == "GET, HEAD, DELETE, OPTIONS");
  CHECK(header(x->got, "Access-Control-Allow-Origin") == "http://a.example");
  CHECK(header(x->got, "Access-Control-Max-Age") == "1800");
  auto without_origin = call(method::options, "/jobs");
  CHECK(header(without_origin, "Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(header(without_origin, "Access-Control-Allow-Methods").empty());
}

TEST_CASE_FIXTURE(fixture, "answers to other origins carry CORS headers") {
  auto x = call(method::get, "/contexts", {}, {}, "http://a.example");
  CHECK(header(x, "Access-Control-Allow-Origin") == "http://a.example");
  CHECK(header(x, "Access-Control-Allow-Credentials") == "true");
  CHECK(header(get("/contexts"), "Access-Control-Allow-Origin").empty());
}

TEST_CASE_FIXTURE(fixture, "_method overrides POST alone") {
  CHECK(post("/binaries/nope?_method=DELETE").body
        == error("can't find binary with name nope"));
  CHECK(post("/contexts?_method=GET").body == R"(["ctx"])");
  CHECK(get("/contexts?_method=DELETE").body == R"(["ctx"])");
  CHECK(post("/contexts?_method=PATCH").status == 400);
}

TEST_CASE_FIXTURE(fixture, "malformed targets are 400") {
  for (const char* target :
       {"/contexts/%", "/contexts/%00", "/contexts/%FF", "/contexts/a%2Fb",
        "/contexts/..", "/contexts/%2e%2e", "/contexts?a=%zz", "*"}) {
    CAPTURE(target);
    CHECK(get(target).status == 400);
  }
  CHECK(get("/contexts/" + std::string(300, 'x')).status == 400);
}

TEST_CASE_FIXTURE(fixture, "a body over its route's limit is 413") {
  e.settings.max_body = 4;
  e.settings.max_upload = 20;
  CHECK(post("/jobs?cp=a&mainClass=B", "{   }").status == 413);
  CHECK(post("/jars/a", zip).status == 200);
  CHECK(post("/jars/a", zip + zip).status == 413);
}

TEST_CASE_FIXTURE(fixture, "binaries are listed and shown") {
  CHECK(get("/binaries").body
        == R"({"a":{"binary-type":"Jar",)"
           R"("upload-time":"1970-01-01T00:00:00.001Z"}})");
  CHECK(get("/binaries/a").body
        == R"({"app-name":"a","binary-type":"Jar",)"
           R"("upload-time":"1970-01-01T00:00:00.001Z"})");
  CHECK(get("/binaries/b").body == error("Can't find binary with name b"));
  CHECK(get("/jars").body == R"({"a":"1970-01-01T00:00:00.001Z"})");
}

TEST_CASE_FIXTURE(fixture, "an upload's type follows from its media type") {
  struct row {
    const char* media;
    int status;
    binary_type type;
  };
  for (auto [media, status, type] :
       {row{"application/java-archive", 201, binary_type::jar},
        row{"Application/Java-Archive ; charset=UTF-8", 201, binary_type::jar},
        row{"application/python-egg", 201, binary_type::egg},
        row{"application/python-archive", 201, binary_type::egg},
        row{"application/python-wheel", 201, binary_type::wheel},
        row{"text/plain", 415, {}}, row{"", 415, {}}}) {
    CAPTURE(media);
    auto x = post("/binaries/n", zip, media);
    CHECK(x.status == status);
    if (status == 201) {
      CHECK(x.body == R"({"status":"SUCCESS"})");
      CHECK(upload.type == type);
      CHECK(*upload.content == zip);
    }
  }
  CHECK(post("/binaries/n", zip).body
        == error("Unsupported binary type application/octet-stream"));
}

TEST_CASE_FIXTURE(fixture, "a shared library is an ELF file") {
  auto media = "application/x-sharedlib";
  CHECK(post("/binaries/n", "\177ELF and so on", media).status == 201);
  CHECK(upload.type == binary_type::native);
  CHECK(post("/binaries/n", zip, media).status == 400);
  CHECK(post("/binaries/n", "\177ELF", "application/java-archive").status == 400);
}

TEST_CASE_FIXTURE(fixture, "content that is no zip is refused") {
  for (const char* body : {"", "hello", "PK"}) {
    auto x = post("/binaries/n", body, "application/java-archive");
    CHECK(x.status == 400);
    CHECK(x.body == error("Binary is not of the right format"));
    CHECK(post("/jars/n", body).status == 400);
  }
}

TEST_CASE_FIXTURE(fixture, "jars of old clients have any media type") {
  auto x = post("/jars/n", zip, "application/x-www-form-urlencoded");
  CHECK(x.status == 200);
  CHECK(x.body == R"({"status":"SUCCESS","result":"Jar uploaded"})");
  CHECK(upload.name == "n");
  CHECK(call(method::delete_, "/jars/a").body == R"({"status":"SUCCESS"})");
}

TEST_CASE_FIXTURE(fixture, "a context gets the settings of query and body") {
  auto x = post("/contexts/c?a=query&z=1&z=2", "block");
  CHECK(x.status == 400);
  x = post("/contexts/c?a=query&z=1&z=2", "{block}");
  CHECK(x.body == R"({"status":"SUCCESS","result":"Context initialized"})");
  CHECK(context.name == "c");
  using settings = std::map<std::string, std::string>;
  CHECK(context.settings
        == settings{{"a", "body"}, {"b.c", "body"}, {"z", "2"}});
  post("/contexts/c?z=1", "{}");
  CHECK(context.settings == settings{{"a", "body"}, {"z", "1"}});
  post("/contexts/c?z=1", " \n");
  CHECK(context.settings == settings{{"z", "1"}});
}

TEST_CASE_FIXTURE(fixture, "a context body that does not parse says where") {
  auto x = post("/contexts/c", "a { b");
  CHECK(x.status == 400);
  CHECK(x.body == error("Cannot parse config: 1:3: unexpected text"));
}

TEST_CASE_FIXTURE(fixture, "a context's malformed URL has its own headline") {
  todo.create = [](const context_request&) -> caf::result<context_record> {
    return make_error(ec::malformed_url, "unknown protocol: hdfs");
  };
  CHECK(post("/contexts/c").body
        == R"({"status":"CONTEXT INIT ERROR: Malformed URL",)"
           R"("result":"unknown protocol: hdfs"})");
}

TEST_CASE_FIXTURE(fixture, "contexts are stopped, by force too") {
  CHECK(call(method::delete_, "/contexts/ctx").body
        == R"({"status":"SUCCESS","result":"Context stopped"})");
  CHECK(call(method::delete_, "/contexts/x").body
        == error("context x not found"));
  CHECK(call(method::delete_, "/contexts/x?force=true").status == 200);
  CHECK(call(method::delete_, "/contexts/x?force=1").status == 400);
  auto slow = call(method::delete_, "/contexts/slow");
  CHECK(slow.status == 202);
  CHECK(header(slow, "Location") == "/contexts/slow");
}

TEST_CASE_FIXTURE(fixture, "contexts are reset") {
  auto put = [this](const char* target) { return call(method::put, target); };
  CHECK(put("/contexts?reset=reboot").body
        == R"({"status":"SUCCESS","result":"Context reset"})");
  CHECK(put("/contexts?reset=reboot&sync=false").body
        == R"({"status":"SUCCESS","result":"Context reset requested"})");
  CHECK(put("/contexts?reset=x").status == 400);
  CHECK(put("/contexts").body
        == error("Request is missing required query parameter 'reset'"));
}

TEST_CASE_FIXTURE(fixture, "a job is asked for with either pair") {
  post("/jobs?appName=app&classPath=a.B&context=ctx", "{\"x\":1}");
  CHECK(job.binaries == std::vector<std::string>{"app"});
  CHECK(job.by_app_name);
  CHECK(job.main_class == "a.B");
  CHECK(job.context == "ctx");
  CHECK(job.config == "{\"x\":1}");
  post("/jobs?cp=a,%20b,&mainClass=a.C&sync=true&timeout=3");
  CHECK(job.binaries == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(job.by_app_name);
  CHECK(job.main_class == "a.C");
  CHECK(job.config == "{}");
  CHECK(job.sync);
  CHECK(job.timeout_ms == 3000);
  CHECK(job.context.empty());
}

TEST_CASE_FIXTURE(fixture, "class path and main class may stand in the body") {
  post("/jobs", R"({"cp":["a","b"],"mainClass":"a.C"})");
  CHECK(job.binaries == std::vector<std::string>{"a", "b"});
  CHECK(job.main_class == "a.C");
  post("/jobs?mainClass=q.D", R"({"cp":"a,b","mainClass":"a.C"})");
  CHECK(job.binaries == std::vector<std::string>{"a", "b"});
  CHECK(job.main_class == "q.D");
}

TEST_CASE_FIXTURE(fixture, "missing and malformed parameters of jobs") {
  struct row {
    const char* target;
    const char* text;
  };
  for (auto [target, text] :
       {row{"/jobs", "Cannot parse config: To start the job appName or cp "
                     "parameters should be configured!"},
        row{"/jobs?appName=a",
            "Cannot parse config: classPath parameter is missing!"},
        row{"/jobs?cp=a",
            "Cannot parse config: mainClass parameter is missing!"},
        row{"/jobs?cp=a&mainClass=B&sync=maybe",
            "The query parameter 'sync' was malformed: 'maybe' is not a valid "
            "Boolean value"},
        row{"/jobs?cp=a&mainClass=B&timeout=-1",
            "The query parameter 'timeout' must not be negative"},
        row{"/jobs?cp=a&mainClass=B&callbackUrl=ftp://x",
            "Callback Url has to be 'http'/'https'"}}) {
    auto x = post(target);
    CHECK(x.status == 400);
    CHECK(x.body == error(text));
  }
}

TEST_CASE_FIXTURE(fixture, "a job's other parameters are settings") {
  post("/jobs?cp=a&mainClass=B&spark.x=1&spark.proxy.user=u");
  CHECK(job.user == "u");
  using settings = std::map<std::string, std::string>;
  CHECK(job.settings == settings{{"spark.x", "1"}, {"spark.proxy.user", "u"}});
}

TEST_CASE_FIXTURE(fixture, "no wait is longer than the server allows") {
  e.settings.max_sync_wait = std::chrono::seconds{5};
  post("/jobs?cp=a&mainClass=B&sync=true&timeout=2147483647");
  CHECK(job.timeout_ms == 5000);
}

TEST_CASE_FIXTURE(fixture, "answers to jobs") {
  auto x = post("/jobs?cp=a&mainClass=B&sync=true");
  CHECK(x.status == 200);
  CHECK(x.body == R"({"jobId":"j1","result":[2,4,6]})");
  x = post("/jobs?cp=a&mainClass=B");
  CHECK(x.status == 202);
  CHECK(x.body.find(R"("status":"STARTED")") != std::string::npos);
  todo.run = [](const job_request&) -> caf::result<job_record> {
    return make_error(ec::no_slots, "Too many running jobs (8) for job "
                                    "context 'rc'");
  };
  x = post("/jobs?cp=a&mainClass=B");
  CHECK(x.status == 503);
  CHECK(x.body
        == R"({"status":"NO SLOTS AVAILABLE","result":"Too many running jobs )"
           R"((8) for job context 'rc'"})");
}

TEST_CASE_FIXTURE(fixture, "jobs are listed by state and limit") {
  CHECK(get("/jobs?limit=0").body == "[]");
  CHECK(get("/jobs?status=nope").body == "[]");
  CHECK(get("/jobs?limit=x").status == 400);
  auto count = [](const response& x) {
    std::size_t n = 0;
    for (auto at = x.body.find("jobId"); at != std::string::npos;
         at = x.body.find("jobId", at + 1))
      ++n;
    return n;
  };
  CHECK(count(get("/jobs?limit=2&status=ERROR")) == 2);
  CHECK(count(get("/jobs?limit=-1")) == 3);
  CHECK(count(get("/jobs")) == 50);
}

TEST_CASE_FIXTURE(fixture, "a job is shown and killed") {
  CHECK(get("/jobs/j1").status == 200);
  CHECK(get("/jobs/j2").body == error("No such job ID j2"));
  CHECK(get("/jobs/j1/config").body == R"({"a":1})");
  CHECK(call(method::delete_, "/jobs/j1").body == R"({"status":"KILLED"})");
}

TEST_CASE_FIXTURE(fixture, "exceptions on either side are 500") {
  CHECK(get("/jobs/throw").status == 500);
  auto x = post("/jobs?cp=a&mainClass=B", "{throw}");
  CHECK(x.status == 500);
  CHECK(x.body == error("internal error: parser broke"));
}

TEST_CASE_FIXTURE(fixture, "health and actors are asked of every root") {
  CHECK(get("/healthz").body == R"({"status":"SUCCESS"})");
  auto x = get("/admin/actors");
  for (const char* name : {"supervisor", "binaries", "store"})
    CHECK(x.body.find(name) != std::string::npos);
  CHECK(get("/").body.starts_with("<!DOCTYPE html>"));
}

TEST_CASE_FIXTURE(fixture, "a root that ended shows") {
  caf::anon_send_exit(e.actors.store, caf::exit_reason::kill);
  sched.run();
  CHECK(get("/healthz").status == 500);
  auto x = get("/admin/actors");
  CHECK(x.status == 200);
  CHECK(x.body.find("does not answer") != std::string::npos);
  CHECK(get("/jobs/j1").status == 500);
}

TEST_CASE_FIXTURE(fixture, "a sync job that nobody ends runs into a deadline") {
  auto x = start(method::post, "/jobs?cp=a&mainClass=held&context=c&sync=true"
                               "&timeout=7");
  sched.run();
  sched.advance_time(std::chrono::milliseconds{11'999});
  sched.run();
  CHECK(x->got.body.empty());
  sched.advance_time(std::chrono::milliseconds{2});
  sched.run();
  CHECK(x->got.status == 504);
}
