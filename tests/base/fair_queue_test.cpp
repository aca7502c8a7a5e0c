#include <doctest/doctest.h>

#include "base/fair_queue.hpp"

using namespace hearth;

namespace {

using hosts = fair_queue<fifo<int>>;

std::string order_of(hosts& queue) {
  std::string result;
  while (queue.size() > 0)
    result += std::to_string(queue.take());
  return result;
}

} // namespace

TEST_CASE("lanes give an item each in turn, each its oldest") {
  hosts queue;
  for (auto item : {1, 2, 3})
    queue.lane("a").push(item);
  queue.lane("b").push(4);
  queue.lane("c").push(5);
  CHECK(queue.size() == 5);
  CHECK(queue.size("a") == 3);
  CHECK(order_of(queue) == "14523");
}

TEST_CASE("a lane that is not allowed keeps its items and its turn") {
  hosts queue;
  queue.lane("slow").push(1);
  queue.lane("quick").push(2);
  queue.lane("quick").push(3);
  std::pair<std::string, int> next;
  auto quick = [](const std::string& key) { return key == "quick"; };
  REQUIRE(queue.take_if(quick, next));
  CHECK(next.first == "quick");
  CHECK(next.second == 2);
  REQUIRE(queue.take_if(quick, next));
  CHECK(next.second == 3);
  CHECK_FALSE(queue.take_if(quick, next));
  CHECK(queue.take() == 1);
}

TEST_CASE("what is erased is in nobody's way") {
  hosts queue;
  for (auto item : {1, 2})
    queue.lane("a").push(item);
  queue.lane("b").push(2);
  queue.erase_if([](int item) { return item == 2; });
  CHECK(queue.size() == 1);
  CHECK(queue.size("b") == 0);
  CHECK(order_of(queue) == "1");
}

TEST_CASE("queues in a queue are fair within each lane, too") {
  fair_queue<fair_queue<fifo<int>>> queue;
  for (auto item : {1, 2, 3})
    queue.lane("flood").lane("x").push(item);
  queue.lane("flood").lane("y").push(4);
  queue.lane("good").lane("x").push(5);
  std::string order;
  while (queue.size() > 0)
    order += std::to_string(queue.take());
  CHECK(order == "15423");
}
