#include <doctest/doctest.h>

#include "http/routes/head_check.hpp"
#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace hearth::http;

namespace {

struct checked : fixture {
  request_head head;

  checked() {
    head.verb = method::post;
    head.target = "/jobs?cp=a&mainClass=B";
    head.host = "localhost:8090";
    head.content_length = 100;
  }

  head_check::verdict examine(bool whole = false) {
    return head_check{e.settings}.examine(e, head, whole);
  }

  /// The status of the refusal, 0 if there is none.
  int refused(bool whole = false) {
    auto x = examine(whole);
    return x.refused ? x.refused->status : 0;
  }

  void log_in_is_needed() {
    e.door = std::make_shared<doorkeeper>(conf::access_settings{});
  }
};

} // namespace

TEST_CASE_FIXTURE(checked, "each route has its own limit for bodies") {
  CHECK(examine().body_limit == e.settings.max_body);
  head.content_length = e.settings.max_body + 1;
  CHECK(refused() == 413);
  head.target = "/binaries/x";
  CHECK(refused() == 0);
  CHECK(examine().body_limit == e.settings.max_upload);
  head.content_length = e.settings.max_upload + 1;
  CHECK(refused() == 413);
  e.settings.upload_budget = 1000;
  CHECK(examine().body_limit == 0);
  head.content_length = 1001;
  CHECK(refused() == 413);
}

TEST_CASE_FIXTURE(checked, "no body is needed for an unknown route") {
  head.target = "/nonsense";
  CHECK(refused() == 404);
  head.target = "/jobs";
  head.verb = method::delete_;
  CHECK(refused() == 405);
  head.target = "/jobs/%zz";
  CHECK(refused() == 400);
  CHECK(refused(true) == 0);
}

TEST_CASE_FIXTURE(checked, "the server answers to its own names") {
  head.host = "evil.test";
  for (auto verb : {method::get, method::post, method::options}) {
    head.verb = verb;
    CHECK(refused(true) == 421);
  }
  head.host = "localhost";
  CHECK(refused(true) == 0);
  head.target = "http://evil.test/jobs";
  CHECK(refused(true) == 421);
  head.target = "http://127.0.0.1:8090/jobs";
  head.host = "evil.test";
  CHECK(refused(true) == 0);
  head.target = "/jobs";
  e.settings.allowed_hosts = "evil.test";
  CHECK(refused(true) == 0);
  head.host = "";
  CHECK(refused(true) == 421);
  head.old = true;
  CHECK(refused(true) == 0);
}

TEST_CASE_FIXTURE(checked, "foreign pages change nothing") {
  struct row {
    const char* origin;
    const char* site;
    int status;
  };
  for (const auto& x :
       {row{"", "", 0}, row{"", "same-origin", 0}, row{"", "none", 0},
        row{"", "cross-site", 403}, row{"http://evil.test", "", 403},
        row{"http://evil.test", "cross-site", 403}, row{"null", "", 403},
        row{"http://localhost:3000", "same-site", 403},
        row{"http://localhost:8090", "same-origin", 0},
        row{"http://a.example", "cross-site", 0}}) {
    e.settings.allowed_origins = "http://a.example";
    head.origin = x.origin;
    head.fetch_site = x.site;
    CAPTURE(x.origin);
    for (auto verb :
         {method::post, method::put, method::delete_, method::other}) {
      head.verb = verb;
      CHECK(refused(true) == x.status);
    }
    for (auto verb : {method::get, method::head, method::options}) {
      head.verb = verb;
      CHECK(refused(true) == 0);
    }
  }
  head.verb = method::post;
  head.origin = "http://evil.test";
  head.target = "/jobs/x?_method=GET";
  CHECK(refused(true) == 403);
}

TEST_CASE_FIXTURE(checked, "\"*\" never goes with credentials") {
  e.settings.allowed_origins = "*";
  head.origin = "http://evil.test";
  head.fetch_site = "cross-site";
  CHECK(refused(true) == 0);
  head.authorization = "Basic YW5uOnBhc3M=";
  CHECK(refused(true) == 403);
  head.origin = "";
  CHECK(refused(true) == 403);
  head.verb = method::get;
  CHECK(refused(true) == 0);
}

TEST_CASE_FIXTURE(checked, "bodies are sent as they are") {
  head.content_encoding = "gzip";
  CHECK(refused(true) == 415);
  head.content_encoding = "identity";
  CHECK(refused(true) == 0);
  head.target = "/jars/x";
  head.content_type = "multipart/form-data; boundary=x";
  auto x = examine(true);
  REQUIRE(x.refused);
  CHECK(x.refused->status == 415);
  CHECK(x.refused->body.find("--data-binary") != std::string::npos);
  head.content_type = "";
  head.expect = "a miracle";
  CHECK(refused(true) == 417);
  head.expect = "100-continue";
  CHECK(refused(true) == 0);
}

TEST_CASE_FIXTURE(checked, "nothing of a body is read without credentials") {
  log_in_is_needed();
  CHECK(refused() == 401);
  CHECK(refused(true) == 0);
  head.authorization = "Bearer x";
  CHECK(refused() == 401);
  head.authorization = "Basic YW5uOnBhc3M=";
  auto x = examine();
  CHECK_FALSE(x.refused);
  REQUIRE(x.asks);
  CHECK(x.asks->pattern == "/jobs");
  e.door->settle(e.door->tag_of(head.authorization), conf::may::read_jobs,
                 doorkeeper::clock::now());
  CHECK(refused() == 403);
  e.door->settle(e.door->tag_of(head.authorization), conf::may::start_jobs,
                 doorkeeper::clock::now());
  CHECK(refused() == 0);
  CHECK_FALSE(examine().asks);
}

TEST_CASE_FIXTURE(checked, "a listed page may read why it was refused") {
  e.settings.allowed_origins = "http://a.example";
  head.origin = "http://a.example";
  log_in_is_needed();
  auto x = examine();
  REQUIRE(x.refused);
  CHECK(x.refused->status == 401);
  CHECK(header(*x.refused, "Access-Control-Allow-Origin")
        == "http://a.example");
  head.target = "/nonsense";
  CHECK(header(*examine().refused, "Access-Control-Allow-Origin")
        == "http://a.example");
}

TEST_CASE_FIXTURE(checked, "a listed page may read a refusal that came later") {
  e.settings.allowed_origins = "http://a.example";
  head_check check{e.settings};
  auto origin_of = [&] {
    response x;
    check.let_page_read(x, head);
    return header(x, "Access-Control-Allow-Origin");
  };
  CHECK(origin_of() == "");
  head.origin = "http://evil.test";
  CHECK(origin_of() == "");
  head.origin = "http://a.example";
  CHECK(origin_of() == "http://a.example");
}
