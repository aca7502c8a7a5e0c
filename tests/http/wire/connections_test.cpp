#include <doctest/doctest.h>

#include "http/wire/connections.hpp"

using namespace hearth::http;
using namespace std::chrono_literals;

namespace {

const arrival::clock::time_point start{};
const arrival::limits most{60s, 100};

/// Looks every five seconds. @returns after how many it is late
int late_after(std::uint64_t before, auto received_at) {
  arrival x{start};
  x.is_late(start, before, most);
  for (int s = 5; s < 1000; s += 5)
    if (x.is_late(start + std::chrono::seconds{s}, before + received_at(s),
                  most))
      return s;
  return -1;
}

} // namespace

TEST_CASE("a connection on which nothing comes is late after the idle time") {
  CHECK(late_after(0, [](int) { return 0; }) == 60);
  CHECK(late_after(12345, [](int) { return 0; }) == 60);
}

TEST_CASE("a request that comes fast enough is never late") {
  CHECK(late_after(500, [](int s) { return 100 * s; }) == -1);
}

TEST_CASE("a request that is dribbled is late after the idle time") {
  CHECK(late_after(0, [](int s) { return s; }) == 60);
}

TEST_CASE("the time of a request counts from its first byte") {
  auto dribble = [](int s) { return s < 50 ? 0 : s; };
  CHECK(late_after(0, dribble) == 45 + 60);
  auto upload = [](int s) { return s < 50 ? 0 : 200 * (s - 50) + 1; };
  CHECK(late_after(0, upload) == -1);
}

TEST_CASE("a request that stops half-way is late") {
  CHECK(late_after(0, [](int s) { return 100'000 * std::min(s, 20); })
        == 20 + 60);
}

TEST_CASE("a client has as many connections as it may have") {
  using asio::ip::make_address;
  asio::ip::tcp::endpoint one{make_address("127.0.0.1"), 1};
  asio::ip::tcp::endpoint two{make_address("127.0.0.1"), 2};
  connection_table all{{most, 2}};
  all.accepted(-1, one);
  all.opened(1, one, start);
  CHECK(all.admits(one.address()));
  all.accepted(-1, two);
  all.opened(2, two, start);
  CHECK_FALSE(all.admits(one.address()));
  CHECK(all.admits(make_address("127.0.0.2")));
  all.closed(1);
  all.closed(1);
  CHECK(all.admits(one.address()));
  all.closed(7);
}

TEST_CASE("the end of a connection is known to those who hold its requests") {
  asio::ip::tcp::endpoint one{asio::ip::make_address("127.0.0.1"), 1};
  connection_table all{{most, 0}};
  CHECK(all.end_of(1) == nullptr);
  all.accepted(-1, one);
  all.opened(1, one, start);
  auto end = all.end_of(1);
  CHECK(!end->load());
  all.closed(1);
  CHECK(end->load());
}
