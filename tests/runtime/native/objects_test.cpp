#include <atomic>
#include <chrono>
#include <thread>

#include <doctest/doctest.h>

#include "runtime/native/agent/objects.hpp"

using namespace hearth::native;
using namespace std::chrono_literals;

namespace {

std::atomic<int> destroyed{0};

void destroy(void* p) {
  delete static_cast<int*>(p);
  ++destroyed;
}

bool never() {
  return false;
}

struct fixture {
  fixture() {
    destroyed = 0;
  }

  int acquire(const char* name, hearth_object*& x, bool only_get = false,
              std::chrono::milliseconds timeout = 10s) {
    return table.acquire({name, "int", ""}, only_get, timeout, never, x);
  }

  hearth_object* create(const char* name, int value) {
    hearth_object* x = nullptr;
    REQUIRE(acquire(name, x) == HEARTH_OBJECT_CREATE);
    table.publish(x, new int{value}, destroy);
    return x;
  }

  object_table table;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "an object is found by name, type and scope") {
  auto* x = create("a", 1);
  hearth_object* y = nullptr;
  CHECK(acquire("a", y) == HEARTH_OBJECT_FOUND);
  CHECK(x == y);
  for (auto& key : {object_key{"b", "int", ""}, object_key{"a", "long", ""},
                    object_key{"a", "int", "v2"}})
    CHECK(table.acquire(key, true, 0ms, never, y) == HEARTH_OBJECT_MISSING);
  table.release(x);
  table.release(x);
}

TEST_CASE_FIXTURE(fixture, "a forgotten object lives while it is held") {
  auto* x = create("a", 1);
  CHECK(table.forget({"a", "int", ""}));
  CHECK_FALSE(table.forget({"a", "int", ""}));
  CHECK(destroyed == 0);
  table.release(x);
  CHECK(destroyed == 1);
}

TEST_CASE_FIXTURE(fixture, "who waits gets what another creates") {
  hearth_object* x = nullptr;
  REQUIRE(acquire("a", x) == HEARTH_OBJECT_CREATE);
  hearth_object* y = nullptr;
  CHECK(acquire("a", y, true) == HEARTH_OBJECT_MISSING);
  CHECK(acquire("a", y, false, 10ms) == HEARTH_OBJECT_TIMEOUT);
  std::thread other{[&] {
    CHECK(acquire("a", y) == HEARTH_OBJECT_FOUND);
    table.release(y);
  }};
  table.publish(x, new int{1}, destroy);
  other.join();
  table.release(x);
}

TEST_CASE_FIXTURE(fixture, "what one cannot create, the next one tries") {
  hearth_object* x = nullptr;
  REQUIRE(acquire("a", x) == HEARTH_OBJECT_CREATE);
  std::thread other{[&] {
    hearth_object* y = nullptr;
    CHECK(acquire("a", y) == HEARTH_OBJECT_CREATE);
    table.publish(y, new int{2}, destroy);
    table.release(y);
  }};
  table.abandon(x);
  other.join();
}

TEST_CASE_FIXTURE(fixture, "a job that is killed stops waiting") {
  hearth_object* x = nullptr;
  REQUIRE(acquire("a", x) == HEARTH_OBJECT_CREATE);
  std::atomic<bool> stop{false};
  std::thread other{[&] {
    hearth_object* y = nullptr;
    CHECK(table.acquire(
            {"a", "int", ""}, false, 60s, [&] { return stop.load(); }, y)
          == HEARTH_OBJECT_STOPPED);
  }};
  stop = true;
  table.wake();
  other.join();
  table.abandon(x);
}

TEST_CASE("the table destroys what is left") {
  destroyed = 0;
  {
    fixture f;
    f.table.release(f.create("a", 1));
  }
  CHECK(destroyed == 1);
}
