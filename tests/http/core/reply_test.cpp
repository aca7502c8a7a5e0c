#include <caf/sec.hpp>
#include <doctest/doctest.h>

#include "conf/hocon.hpp"
#include "http/core/reply.hpp"

using namespace hearth;
using namespace hearth::http;

namespace {

std::string header(const response& x, std::string_view name) {
  for (const auto& [key, value] : x.headers)
    if (key == name)
      return value;
  return {};
}

template <class E>
response reply_to_thrown(const E& e) {
  try {
    throw e;
  } catch (...) {
    return failure_of_exception();
  }
}

} // namespace

TEST_CASE("every error has a status that has a reason phrase") {
  for (int i = 1; i <= static_cast<int>(ec::internal); ++i) {
    auto code = static_cast<ec>(i);
    CAPTURE(to_string(code));
    auto x = failure(code, {"why", {}, {}, "subject"});
    CHECK(std::string{reason_phrase(x.status)} != "Unknown");
    CHECK((x.status >= 400 || code == ec::context_stop_pending));
    CHECK(x.body.find("why") != std::string::npos);
    CHECK((header(x, "Retry-After").empty() == (x.status != 503)));
  }
}

TEST_CASE("statuses and headlines are those of the contract") {
  struct row {
    ec code;
    int status;
    const char* headline;
  };
  for (auto [code, status, headline] : {
         row{ec::bad_request, 400, "ERROR"},
         row{ec::malformed_url, 400, "JOB LOADING FAILED: Malformed URL"},
         row{ec::context_exists, 400, "ERROR"},
         row{ec::context_unknown, 404, "ERROR"},
         row{ec::context_init_failed, 500, "CONTEXT INIT ERROR"},
         row{ec::context_stopping, 409, "ERROR"},
         row{ec::binary_in_use, 403, "ERROR"},
         row{ec::binary_type_unsupported, 415, "ERROR"},
         row{ec::no_slots, 503, "NO SLOTS AVAILABLE"},
         row{ec::job_loading_failed, 400, "JOB LOADING FAILED"},
         row{ec::validation_failed, 400, "VALIDATION FAILED"},
         row{ec::wrong_context_kind, 400, "ERROR"},
         row{ec::class_not_found, 404, "ERROR"},
         row{ec::deadline, 504, "ERROR"},
         row{ec::storage_full, 507, "ERROR"},
         row{ec::internal, 500, "ERROR"},
       }) {
    auto x = failure(code, {"why", {}, {}, {}});
    CHECK(x.status == status);
    CHECK(x.body
          == R"({"status":")" + std::string{headline} + R"(","result":"why"})");
  }
}

TEST_CASE("a malformed URL of a context has its own headline") {
  auto x = failure(ec::malformed_url, {"unknown protocol: hdfs", {}, {}, {}},
                   about::context);
  CHECK(x.body
        == R"({"status":"CONTEXT INIT ERROR: Malformed URL",)"
           R"("result":"unknown protocol: hdfs"})");
}

TEST_CASE("a sync wait that ran out names its job") {
  auto x = failure(ec::job_timeout, {"timed out", "X", "", "j1"});
  CHECK(x.status == 500);
  CHECK(header(x, "X-Hearth-Job-Id") == "j1");
  CHECK(x.body
        == R"({"status":"ERROR","jobId":"j1","result":{"message":"timed out",)"
           R"("errorClass":"X","stack":""}})");
}

TEST_CASE("a stop that takes longer says where to look") {
  auto x = failure(ec::context_stop_pending, {"wait", {}, {}, "a b\r\nX: y"});
  CHECK(x.status == 202);
  CHECK(header(x, "Location") == "/contexts/a%20b%0D%0AX%3A%20y");
}

TEST_CASE("errors of actors and of the actor library") {
  CHECK(failure(make_error(ec::job_not_found, "No such job ID x")).body
        == R"({"status":"ERROR","result":"No such job ID x"})");
  CHECK(failure(caf::make_error(caf::sec::request_timeout)).status == 504);
  CHECK(failure(caf::make_error(caf::sec::request_receiver_down)).status
        == 500);
}

TEST_CASE("exceptions are answers too") {
  CHECK(reply_to_thrown(bad_request("bad")).status == 400);
  auto x = reply_to_thrown(conf::parse_error("1:7: what", 1, 7));
  CHECK(x.status == 400);
  CHECK(x.body
        == R"({"status":"ERROR","result":"Cannot parse config: 1:7: what"})");
  CHECK(reply_to_thrown(std::runtime_error("oh")).status == 500);
  CHECK(reply_to_thrown(42).status == 500);
}
