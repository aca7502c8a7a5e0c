#include <deque>

#include <doctest/doctest.h>

#include "actors/api/context_directory.hpp"
#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace hearth::http;
using namespace std::string_literals;

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

TEST_CASE_FIXTURE(fixture, "a job says whether it waits for a slot") {
  post("/jobs?cp=a&mainClass=B");
  CHECK(job.queue == queueing::as_context);
  CHECK(job.max_wait_ms == -1);
  post("/jobs?cp=a&mainClass=B&queue=true&priority=-5&max-wait=3");
  CHECK(job.queue == queueing::yes);
  CHECK(job.priority == -5);
  CHECK(job.max_wait_ms == 3000);
  CHECK(job.settings.empty());
  post("/jobs?cp=a&mainClass=B&queue=false");
  CHECK(job.queue == queueing::no);
}

TEST_CASE_FIXTURE(fixture, "class path and main class may stand in the body") {
  post("/jobs", R"({"cp":["a","b"],"mainClass":"a.C"})");
  CHECK(job.binaries == std::vector<std::string>{"a", "b"});
  CHECK(job.main_class == "a.C");
  post("/jobs?mainClass=q.D", R"({"cp":"a,b","mainClass":"a.C"})");
  CHECK(job.binaries == std::vector<std::string>{"a", "b"});
  CHECK(job.main_class == "q.D");
}

TEST_CASE_FIXTURE(fixture, "a name in the query goes before any class path") {
  post("/jobs?appName=app&classPath=a.B", R"({"cp":["x"],"mainClass":"y.Z"})");
  CHECK(job.binaries == std::vector<std::string>{"app"});
  CHECK(job.main_class == "a.B");
  post("/jobs?appName=app&classPath=a.B&cp=x&mainClass=y.Z");
  CHECK(job.by_app_name);
  CHECK(job.main_class == "a.B");
  CHECK(post("/jobs?appName=app&cp=x&mainClass=y.Z").body
        == error("Cannot parse config: classPath parameter is missing!"));
  // In a body it may be a key of the job's own.
  post("/jobs?cp=x&mainClass=y.Z", R"({"appName":"app"})");
  CHECK(job.binaries == std::vector<std::string>{"x"});
}

TEST_CASE_FIXTURE(fixture, "numbers of any size leave the class path alone") {
  e.parse = {};
  for (std::string number : {"1e400", "-1e999999999999", "0.1E+400"})
    for (auto body : {R"({"cp":["a"],"mainClass":"B","n":)" + number + "}",
                      "cp = [a], mainClass = B, n = " + number}) {
      CAPTURE(body);
      CHECK(post("/jobs", body).status == 202);
      CHECK(job.binaries == std::vector<std::string>{"a"});
      CHECK(job.main_class == "B");
      CHECK(job.config.text().find(number) != std::string::npos);
    }
  post("/jobs?cp=a&mainClass=B", "dependent-jar-uris = [x], n = 1e400");
  CHECK(job.binaries == std::vector<std::string>{"a", "x"});
  post("/jobs?cp=a&mainClass=B",
       "spark.context-settings { num-cpu-cores = 2 }, n = 1e400");
  CHECK(job.settings == settings_map{{"num-cpu-cores", setting::json("2")}});
}

TEST_CASE_FIXTURE(fixture, "a list is not split at its items' commas") {
  using texts = std::vector<std::string>;
  post("/jobs", R"({"cp":["a,b"," c","[d]"],"mainClass":"a.C"})");
  CHECK(job.binaries == texts{"a,b", " c", "[d]"});
  post("/jobs?mainClass=C&cp=%5Ba%5D,http%3A%2F%2Fh%2Fx%252Cy.jar");
  CHECK(job.binaries == texts{"[a]", "http://h/x%2Cy.jar"});
  post("/jobs?appName=a,b&classPath=C,D");
  CHECK(job.binaries == texts{"a,b"});
  CHECK(job.main_class == "C,D");
  for (auto cp : {R"([["a"]])", R"({"a":1})", "true"}) {
    auto x = post("/jobs", R"({"mainClass":"C","cp":)" + std::string{cp} + "}");
    CHECK(x.body
          == error("Cannot parse config: cp must be a list of texts, or one "
                   "text with commas"));
  }
  CHECK(post("/jobs", R"({"mainClass":["C"],"cp":"a"})").body
        == error("Cannot parse config: mainClass must be a text"));
  CHECK(post("/jobs", R"({"mainClass":"C","cp":null})").body
        == error("Cannot parse config: To start the job appName or cp "
                 "parameters should be configured!"));
}

namespace {

/// A context that the routes may ask themselves.
struct open_fixture : fixture {
  open_fixture() {
    auto open = std::make_shared<context_directory>();
    open->put("ctx", {asked, slots});
    e.actors.open = open;
  }

  ~open_fixture() {
    caf::anon_send_exit(asked, caf::exit_reason::kill);
  }

  /// Answers jobs with its name for one.
  context_actor asked = caf::actor_cast<context_actor>(
    system.spawn([](caf::event_based_actor*) -> caf::behavior {
      return {[](atom::run, const job_request&) {
        return finished_job("from the context");
      }};
    }));
  std::shared_ptr<slot_gauge> slots = std::make_shared<slot_gauge>();
};

} // namespace

TEST_CASE_FIXTURE(open_fixture, "a context that is open is asked for a job "
                                "directly") {
  auto x = post("/jobs?cp=a&mainClass=B&context=ctx");
  CHECK(x.body.find("from the context") != std::string::npos);
  CHECK(job.context.empty());
  post("/jobs?cp=a&mainClass=B&context=other");
  CHECK(job.context == "other");
}

TEST_CASE_FIXTURE(open_fixture, "a context that ends while it is asked for a "
                                "job is not there any more") {
  caf::anon_send_exit(asked, caf::exit_reason::kill);
  sched.run();
  auto x = post("/jobs?cp=a&mainClass=B&context=ctx");
  CHECK(x.status == 404);
  CHECK(x.body == error("context ctx not found"));
}

TEST_CASE_FIXTURE(open_fixture,
                  "a supervisor that ended is no context that is not there") {
  caf::anon_send_exit(e.actors.supervisor, caf::exit_reason::kill);
  sched.run();
  CHECK(post("/jobs?cp=a&mainClass=B&context=other").status == 500);
}

TEST_CASE_FIXTURE(open_fixture,
                  "a context without a slot is not asked at all") {
  slots->refuse_at(8);
  std::deque<job_slot> taken;
  for (int i = 0; i < 8; ++i)
    taken.emplace_back(slots).take();
  auto target = "/jobs?cp=a&mainClass=B&context=ctx"s;
  auto x = start(method::post, target);
  CHECK(x->got.status == 503);
  CHECK(header(x->got, "Retry-After") == "1");
  CHECK(x->got.body
        == R"({"status":"NO SLOTS AVAILABLE","result":"Too many running jobs )"
           R"((8) for job context 'ctx'"})");
  CHECK(post(target + "&queue=true").status == 202);
  taken.back().release();
  CHECK(post(target).status == 202);
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
        row{"/jobs?cp=a&mainClass=B&priority=1001",
            "The query parameter 'priority' must be between -1000 and 1000"},
        row{"/jobs?cp=a&mainClass=B&max-wait=-1",
            "The query parameter 'max-wait' must not be negative"},
        row{"/jobs?cp=a&mainClass=B&callbackUrl=ftp://x",
            "Callback Url has to be 'http'/'https'"},
        row{"/jobs?cp=a&mainClass=B&callbackUrl=http:///x",
            "Callback Url 'http:///x' is not one: http://host[:port]/path is "
            "right"}}) {
    auto x = post(target);
    CHECK(x.status == 400);
    CHECK(x.body == error(text));
  }
}

TEST_CASE_FIXTURE(fixture, "a job's other parameters are settings") {
  post("/jobs?cp=a&mainClass=B&spark.x=1&spark.proxy.user=u");
  CHECK(job.user == "u");
  using settings = settings_map;
  CHECK(job.settings == settings{{"spark.x", "1"}, {"spark.proxy.user", "u"}});
}

TEST_CASE_FIXTURE(fixture, "the block in a job's body is for its own context, "
                           "and wins over the query") {
  e.parse = {};
  post("/jobs?cp=a&mainClass=B&num-cpu-cores=1&spark.x=1",
       "spark.context-settings { num-cpu-cores = 2, hadoop.y = [\"a,b\"] }\n"
       "input.string = z");
  CHECK(job.settings
        == settings_map{{"hadoop.y", setting::json(R"(["a,b"])")},
                        {"num-cpu-cores", setting::json("2")},
                        {"spark.x", "1"}});
  // The job sees it, too.
  CHECK(job.config.text().find("context-settings") != std::string::npos);
  post("/jobs?cp=a&mainClass=B&context=c&_=1&num-cpu-cores=1&spark.x=1"
       "&restart-limit=2",
       "a = 1");
  CHECK(job.settings
        == settings_map{
          {"num-cpu-cores", "1"}, {"restart-limit", "2"}, {"spark.x", "1"}});
}

TEST_CASE_FIXTURE(fixture, "the block in a job's body is found however it is "
                           "written, and however large the body is") {
  e.parse = {};
  auto block = settings_map{{"spark.x", setting::json("1.50")}};
  for (auto body :
       {R"({"spark":{"context\u002dsettings":{"spark":{"x":1.50}}}})",
        R"({"spark.context-settings.spark.x":1.50,"spark":{"y":1}})",
        R"({"spark":{"context-settings.spark.x":1.50}})",
        "spark { \"context-settings\".spark.x = 1.50 }"}) {
    CAPTURE(body);
    post("/jobs?cp=a&mainClass=B", body);
    CHECK(job.settings == block);
  }
  auto large = R"({"context-settings":")" + std::string(2 << 20, 'x') + "\"";
  CHECK(post("/jobs?cp=a&mainClass=B", large + "}").status == 202);
  CHECK(job.settings.empty());
  post("/jobs?cp=a&mainClass=B",
       large + R"(,"spark":{"context-settings":{"spark.x":1.50}}})");
  CHECK(job.settings == block);
  // Of `spark.speculation` and `spark.speculation.interval` both are kept.
  post("/jobs?cp=a&mainClass=B", "spark.context-settings { spark.x = 1.50\n"
                                 "spark.x.y = z }");
  CHECK(
    job.settings
    == settings_map{{"spark.x", setting::json("1.50")}, {"spark.x.y", "z"}});
  for (auto body :
       {"spark.context-settings = x", R"({"spark":{"context-settings":[1]}})"})
    CHECK(post("/jobs?cp=a&mainClass=B", body).body
          == error("spark.context-settings must be an object { ... }"));
}

TEST_CASE_FIXTURE(fixture, "a job's dependencies follow its class path") {
  using texts = std::vector<std::string>;
  e.parse = {};
  for (auto target :
       {"/jobs?cp=a,b&mainClass=B", "/jobs?cp=a&mainClass=B&context=c"}) {
    post(target, "dependent-jar-uris = [\"http://h/x,y.jar\", a]");
    CHECK(job.binaries.back() == "http://h/x,y.jar");
    CHECK(job.binaries.front() == "a");
    CHECK(job.settings.empty());
  }
  post("/jobs?appName=a&classPath=B", "dependent-jar-uris = [x, a, y]");
  CHECK(job.binaries == texts{"x", "y", "a"});
  post("/jobs?cp=a&mainClass=B", "dependent-jar-uris = \"x , y\"");
  CHECK(job.binaries == texts{"a", "x", "y"});
  // In the query it is a setting of a new context, or the job's.
  post("/jobs?cp=a&mainClass=B&dependent-jar-uris=x,y");
  CHECK(job.binaries == texts{"a"});
  CHECK(job.settings == settings_map{{"dependent-jar-uris", "x,y"}});
  post("/jobs?cp=a&mainClass=B&context=c&dependent-jar-uris=x,y");
  CHECK(job.binaries == texts{"a", "x", "y"});
  CHECK(job.settings.empty());
  CHECK(post("/jobs?cp=a&mainClass=B", "dependent-jar-uris { x = 1 }").body
        == error("Cannot parse config: dependent-jar-uris must be a list of "
                 "texts, or one text with commas"));
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
  CHECK(count(get("/jobs")) == 50);
  CHECK(count(get("/jobs?limit=-1")) == 10'000);
  CHECK(count(get("/jobs?limit=2147483647")) == 10'000);
}

TEST_CASE_FIXTURE(fixture, "a job is shown and killed") {
  CHECK(get("/jobs/j1").status == 200);
  CHECK(get("/jobs/j2").body == error("No such job ID j2"));
  CHECK(get("/jobs/j1/config").body == R"({"a":1})");
  CHECK(call(method::delete_, "/jobs/j1").body == R"({"status":"KILLED"})");
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

TEST_CASE_FIXTURE(fixture, "what a job is made of is bounded") {
  auto answer_to = [&](const std::string& body) { return post("/jobs", body); };
  auto job_of = [](const std::string& cp, const std::string& main_class) {
    return R"({"cp":[")" + cp + R"("],"mainClass":")" + main_class + R"("})";
  };
  std::string many = "a";
  for (int i = 0; i < 999; ++i)
    many += "\",\"a";
  CHECK(answer_to(job_of(many, "B")).status == 202);
  CHECK(answer_to(job_of(many + "\",\"a", "B")).status == 400);
  CHECK(answer_to(job_of("a", std::string(4096, 'B'))).status == 202);
  CHECK(answer_to(job_of("a", std::string(4097, 'B'))).status == 400);
  CHECK(answer_to(job_of(std::string(4097, 'a'), "B")).status == 400);
  CHECK(answer_to(job_of("a", R"(B\u0000)")).status == 400);
  CHECK(answer_to(job_of(R"(a\nb)", "B")).status == 400);
}

TEST_CASE_FIXTURE(fixture, "what may be large is read a few at a time, until "
                           "its answer is counted") {
  e.configurations = std::make_shared<turnstile>(turnstile::limits{1, 1});
  e.reports = std::make_shared<turnstile>(turnstile::limits{1, 1});
  for (const auto* target : {"/jobs/j1/config", "/jobs/j1"}) {
    auto first = start(method::get, target);
    auto second = start(method::get, target);
    auto third = start(method::get, target);
    CHECK(third->got.status == 503);
    first->keeps_place = true;
    sched.run();
    CHECK(first->got.body.size() > 0);
    CHECK(second->got.body.empty());
    first->got.place.reset();
    sched.run();
    CHECK(second->got.status == 200);
    CHECK(second->got.body == first->got.body);
  }
}

TEST_CASE_FIXTURE(fixture, "the place of a request that fails is free again") {
  e.configurations = std::make_shared<turnstile>(turnstile::limits{1, 1});
  e.reports = std::make_shared<turnstile>(turnstile::limits{1, 1});
  CHECK(get("/jobs/unknown").status == 404);
  CHECK(get("/jobs/j1").status == 200);
}

TEST_CASE_FIXTURE(fixture, "long lists are read one after the other") {
  e.long_lists = std::make_shared<turnstile>(turnstile::limits{1, 1});
  auto first = start(method::get, "/jobs?limit=1000");
  auto second = start(method::get, "/jobs?limit=1000");
  auto third = start(method::get, "/jobs?limit=1000");
  auto brief = start(method::get, "/jobs?limit=10");
  CHECK(third->got.status == 503);
  CHECK(second->got.body.empty());
  sched.run();
  for (const auto& x : {first, second, brief}) {
    CHECK(x->got.status == 200);
    CHECK(!x->got.body.empty());
  }
}
