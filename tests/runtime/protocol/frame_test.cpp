#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/protocol/frame.hpp"

using namespace hearth::protocol;
using namespace std::string_literals;

namespace {

std::string bytes_of(const frame& x) {
  std::string result;
  encode(x, result);
  return result;
}

/// Every frame that comes out when the bytes go in, `step` at a time.
std::vector<frame> read_all(const std::string& bytes, std::size_t step) {
  frame_reader reader;
  std::vector<frame> result;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    reader.feed(std::string_view{bytes}.substr(i, step));
    while (auto x = reader.next())
      result.push_back(std::move(*x));
  }
  return result;
}

void check_equal(const frame& x, const frame& y) {
  CHECK(x.kind == y.kind);
  CHECK(x.header == y.header);
  // No text of 16 MiB in a failure.
  CHECK((x.payload == y.payload));
}

const std::vector<frame> samples{
  {kind::stopping, "{}", ""},
  {kind::job_ended, R"({"job":"1","outcome":"finished"})", "\0\xff\n"s},
  {kind::job_started, R"({"job":"ä"})", ""},
  {kind::result_part, "", "no header"},
  {kind::run_job, R"({"job":"2"})", std::string(100'000, 'x')}};

} // namespace

TEST_CASE("a frame is its length, kind, header and payload") {
  CHECK(bytes_of({kind::job_started, "{}", "ab"})
        == "\0\0\0\x08\x04\0\0\x02{}ab"s);
  CHECK(bytes_of({kind::job_stored, "", ""}) == "\0\0\0\x04\x48\0\0\0"s);
}

TEST_CASE("frames come out whole however the bytes come in") {
  std::string bytes;
  for (const auto& x : samples)
    encode(x, bytes);
  for (std::size_t step : {1, 2, 3, 7, 8, 9, 1000, 65536, 1'000'000}) {
    CAPTURE(step);
    auto frames = read_all(bytes, step);
    REQUIRE(frames.size() == samples.size());
    for (std::size_t i = 0; i < frames.size(); ++i)
      check_equal(frames[i], samples[i]);
  }
}

TEST_CASE("two frames may be split at every byte") {
  auto bytes = bytes_of(samples[1]) + bytes_of(samples[2]);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CAPTURE(cut);
    frame_reader reader;
    std::vector<frame> frames;
    for (const auto& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
      reader.feed(part);
      while (auto x = reader.next())
        frames.push_back(std::move(*x));
    }
    REQUIRE(frames.size() == 2);
    check_equal(frames[0], samples[1]);
    check_equal(frames[1], samples[2]);
  }
}

TEST_CASE("frames may be taken out one for each feed") {
  std::string all;
  for (int i = 0; i < 1000; ++i)
    encode({kind::job_started, std::to_string(i), ""}, all);
  frame_reader reader;
  reader.feed(all);
  for (int i = 0; i < 1000; ++i) {
    auto x = reader.next();
    REQUIRE(x);
    CHECK(x->header == std::to_string(i));
    reader.feed("");
  }
  CHECK_FALSE(reader.next());
}

TEST_CASE("the largest frame and the largest header pass") {
  frame largest{kind::run_job, std::string(max_header, ' '),
                std::string(max_frame - 4 - max_header, 'p')};
  auto frames = read_all(bytes_of(largest), 65536);
  REQUIRE(frames.size() == 1);
  check_equal(frames[0], largest);
}

TEST_CASE("what is over a limit is not encoded and leaves nothing behind") {
  std::string out = "before";
  CHECK_THROWS_AS(
    encode({kind::log, std::string(max_header + 1, ' '), ""}, out),
    protocol_error);
  CHECK_THROWS_AS(
    encode({kind::log, "{}", std::string(max_frame - 5, 'p')}, out),
    protocol_error);
  CHECK(out == "before");
}

TEST_CASE("bytes that are no frame are an error as soon as it can be seen") {
  struct broken {
    std::string bytes;
    const char* message;
  };
  const std::vector<broken> table{
    {"\0\0\0\0"s, "frame length 0 is below 4"},
    {"\0\0\0\x03"s, "frame length 3 is below 4"},
    {"\x01\0\0\x01"s, "frame of 16777217 bytes, the limit is 16777216"},
    {"\xff\xff\xff\xff"s, "frame of 4294967295 bytes, the limit is 16777216"},
    {"\0\0\0\x04\0"s, "unknown frame kind 0"},
    {"\0\0\0\x04\x0e"s, "unknown frame kind 14"},
    {"\0\0\0\x04\x3f"s, "unknown frame kind 63"},
    {"\0\0\0\x04\x4a"s, "unknown frame kind 74"},
    {"\0\0\0\x04\xff"s, "unknown frame kind 255"},
    {"\0\0\0\x08\x01\0\0\x05"s, "header of 5 bytes, the limit is 4"},
    {"\0\x20\0\0\x01\x10\0\x01"s,
     "header of 1048577 bytes, the limit is 1048576"},
  };
  for (const auto& x : table) {
    CAPTURE(x.message);
    frame_reader reader;
    reader.feed(x.bytes.substr(0, x.bytes.size() - 1));
    CHECK_FALSE(reader.next());
    reader.feed(x.bytes.substr(x.bytes.size() - 1));
    CHECK_THROWS_WITH_AS(reader.next(), x.message, protocol_error);
    // It stays of no use.
    reader.feed(bytes_of(samples[0]));
    CHECK_THROWS_AS(reader.next(), protocol_error);
  }
}

TEST_CASE("frames before a broken one are still given out") {
  frame_reader reader;
  reader.feed(bytes_of(samples[0]) + "\0\0\0\0"s);
  auto first = reader.next();
  REQUIRE(first);
  check_equal(*first, samples[0]);
  CHECK_THROWS_AS(reader.next(), protocol_error);
}
