#include <string>

#include <doctest/doctest.h>

#include "runtime/link/output_queue.hpp"

using namespace hearth;
using link::output_queue;

namespace {

protocol::frame frame_of(std::string payload) {
  return {protocol::kind::run_job, "{}", std::move(payload)};
}

std::string encoded(const std::string& payload) {
  std::string result;
  protocol::encode(frame_of(payload), result);
  return result;
}

/// All that is queued, read in steps of up to `step` bytes.
std::string drain(output_queue& queue, std::size_t step) {
  std::string result;
  while (queue.size() > 0) {
    auto bytes = queue.front().substr(0, step);
    result += bytes;
    queue.drop(bytes.size());
  }
  return result;
}

const std::string large(100'000, 'x');

} // namespace

TEST_CASE("queued frames come out as they went in, however they are written") {
  for (std::size_t step : {1u, 7u, 4096u, 1'000'000u}) {
    CAPTURE(step);
    output_queue queue;
    std::string expected;
    for (const auto& payload : {std::string{"a"}, large, std::string{},
                                std::string{"b"}, large, large}) {
      queue.add(frame_of(payload), {});
      queue.add(frame_of({}), payload);
      expected += encoded(payload) + encoded(payload);
    }
    CHECK(queue.size() == expected.size());
    CHECK((drain(queue, step) == expected));
    queue.add(frame_of("again"), {});
    CHECK(drain(queue, step) == encoded("again"));
  }
}

TEST_CASE("small frames are written together, and a large payload is not "
          "copied") {
  output_queue queue;
  shared_text payload{large};
  queue.add(frame_of("a"), {});
  queue.add(frame_of("b"), {});
  queue.add(frame_of({}), shared_text{payload});
  auto before = encoded("a") + encoded("b");
  CHECK(queue.front().substr(0, before.size()) == before);
  queue.drop(queue.front().size());
  CHECK(queue.front().data() == payload.text().data());
  CHECK(queue.size() == large.size());
}

TEST_CASE("a frame over a limit is not queued") {
  output_queue queue;
  queue.add(frame_of("a"), {});
  auto before = queue.size();
  CHECK_THROWS_AS(
    queue.add(frame_of({}), shared_text{std::string(17 << 20, 'x')}),
    protocol::protocol_error);
  CHECK(queue.size() == before);
  queue.add(frame_of("b"), {});
  CHECK(drain(queue, 4096) == encoded("a") + encoded("b"));
}

TEST_CASE("a queue that was cleared has nothing") {
  output_queue queue;
  queue.add(frame_of(large), {});
  queue.drop(3);
  queue.clear();
  CHECK(queue.size() == 0);
  queue.add(frame_of("a"), {});
  CHECK(drain(queue, 4096) == encoded("a"));
}
