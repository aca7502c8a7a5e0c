#include <doctest/doctest.h>

#include "actors/services/password_checks.hpp"

using namespace hearth;

TEST_CASE("a flood of one address does not delay a user of another") {
  password_queue<std::string> queue;
  auto refused = 0;
  for (auto i = 0; i < 1000; ++i)
    refused += queue.push("10.0.0.1", "ann", "wrong") ? 0 : 1;
  CHECK(refused == 1000 - 32);
  CHECK(queue.push("10.0.0.2", "ann", "right"));
  CHECK(queue.take() == "wrong");
  CHECK(queue.take() == "right");
}

TEST_CASE("nor does a flood for one name delay another of its address") {
  password_queue<std::string> queue;
  for (auto i = 0; i < 10; ++i)
    queue.push("10.0.0.1", "ann", "wrong");
  queue.push("10.0.0.1", "bob", "right");
  CHECK(queue.take() == "wrong");
  CHECK(queue.take() == "right");
  CHECK(queue.size() == 9);
}

TEST_CASE("the queue is bounded in all") {
  password_queue<int> queue;
  auto taken = 0;
  for (auto i = 0; i < 2000; ++i)
    taken += queue.push("10.0." + std::to_string(i), "ann", i) ? 1 : 0;
  CHECK(taken == 1024);
  CHECK(queue.take() == 0);
  CHECK(queue.push("::1", "ann", 1));
}

TEST_CASE("a network of IPv6 counts as one client") {
  CHECK(client_group("10.0.0.1") == "10.0.0.1");
  CHECK(client_group("::ffff:10.0.0.1") == "10.0.0.1");
  CHECK(client_group("2001:db8::1") == client_group("2001:db8::ffff:1"));
  CHECK(client_group("2001:db8::1") != client_group("2001:db8:0:1::1"));
  CHECK(client_group("fe80::1%eth0") == client_group("fe80::2"));
  CHECK(client_group("") == "");
}

TEST_CASE("a password that was right is right while its hash is the same") {
  verified_passwords verified;
  CHECK_FALSE(verified.contains("ann", "pass", "hash"));
  verified.add("ann", "pass", "hash");
  CHECK(verified.contains("ann", "pass", "hash"));
  CHECK_FALSE(verified.contains("ann", "wrong", "hash"));
  CHECK_FALSE(verified.contains("bob", "pass", "hash"));
  CHECK_FALSE(verified.contains("ann", "pass", "another hash"));
  verified.keep_if_same([](const std::string&) { return "hash"; });
  CHECK(verified.contains("ann", "pass", "hash"));
  verified.keep_if_same([](const std::string&) { return ""; });
  CHECK_FALSE(verified.contains("ann", "pass", "hash"));
}
