#include <algorithm>

#include <doctest/doctest.h>

#include "tests/http/client.hpp"
#include "tests/http/test_server.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

constexpr const char* sync_job = "/jobs?cp=a&mainClass=B&sync=true";

/// A server whose jobs have results that are too large for memory.
struct streaming : test_server {
  explicit streaming(job_state state) {
    todo.run = [=](const job_request&) -> caf::result<job_record> {
      auto x = finished_job("j1");
      x.state = state;
      x.result.clear();
      x.result_size = 7;
      return x;
    };
  }

  /// Everything that one connection brings after a request.
  reply all_of(const char* method, const char* target) {
    client c{port()};
    c.send(request(method, target, "{}"));
    auto head = c.receive(true);
    head.body = c.rest();
    return head;
  }
};

} // namespace

TEST_CASE("the answer of a sync job is sent in chunks while its result comes") {
  streaming server{job_state::running};
  server.todo.read = [](std::uint64_t offset) -> caf::result<result_block> {
    if (offset == 6)
      return result_block{"", true};
    return result_block{offset == 0 ? "[1," : "23]", false};
  };
  auto x = server.all_of("POST", sync_job);
  CHECK(x.status == 200);
  CHECK(x.has("Transfer-Encoding: chunked\r\n"));
  CHECK(x.body
        == "17\r\n{\"jobId\":\"j1\",\"result\":\r\n3\r\n[1,\r\n3\r\n23]\r\n"
           "1\r\n}\r\n0\r\n\r\n");
}

TEST_CASE("a result that breaks off is a body without an end") {
  streaming server{job_state::running};
  server.todo.read = [](std::uint64_t offset) -> caf::result<result_block> {
    if (offset > 0)
      return make_error(ec::job_not_found, "gone");
    return result_block{"[1,", false};
  };
  auto x = server.all_of("POST", sync_job);
  CHECK(x.status == 200);
  CHECK(x.body == "17\r\n{\"jobId\":\"j1\",\"result\":\r\n3\r\n[1,\r\n");
}

TEST_CASE("a part larger than a block arrives whole") {
  streaming server{job_state::running};
  server.todo.read = [](std::uint64_t) -> caf::result<result_block> {
    return result_block{std::string(200'000, '1'), true};
  };
  auto x = server.all_of("POST", sync_job);
  CHECK(std::count(x.body.begin(), x.body.end(), '1') >= 200'000);
  CHECK(x.body.ends_with("1\r\n}\r\n0\r\n\r\n"));
}

TEST_CASE("who leaves while a result comes is reported, also while nothing "
          "comes") {
  streaming server{job_state::running};
  std::mutex mutex;
  std::vector<held_answer<result_block>> silent;
  std::promise<void> asked;
  server.todo.hold_read = [&](auto answer) {
    std::lock_guard guard{mutex};
    silent.push_back(std::move(answer));
    asked.set_value();
  };
  client c{server.port()};
  c.send(request("POST", sync_job, "{}"));
  asked.get_future().wait();
  c.reset();
  CHECK(server.todo.wait_for_left() == "j1");
  silent.front().deliver(result_block{"late", true});
  CHECK(call(server.port(), "GET", "/contexts").status == 200);
}
