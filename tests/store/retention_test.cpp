#include <doctest/doctest.h>

#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

struct retention : open_database {
  void ended(const std::string& id, millis start, millis end) {
    insert(make_job(id, start));
    auto x = make_end(id, job_state::finished, "[1]");
    x.end_time = end;
    update(x);
  }

  void ended_context(const std::string& id, millis start, millis end) {
    auto x = make_context(id, "ctx-" + id, start, context_state::finished);
    x.end_time = end;
    put(x);
  }

  /// The ids that went, each followed by a space.
  std::string erase(const expiry& due, std::int32_t limit = 100) {
    std::string result;
    write([&] {
      for (auto& id : db->erase_jobs(due, limit))
        result += id + " ";
    });
    return result;
  }

  std::string erase_contexts(const expiry& due, std::int32_t limit = 100) {
    std::string result;
    write([&] {
      for (auto& id : db->erase_contexts(due, limit))
        result += id + " ";
    });
    return result;
  }
};

constexpr std::int64_t all = 1'000'000;

} // namespace

TEST_CASE_FIXTURE(retention, "what ended before a time is forgotten with its "
                             "configuration and its result") {
  ended("a", 10, 20);
  ended("b", 11, 40);
  ended("c", 30, 50);
  CHECK(erase({20, all}).empty());
  CHECK(erase({21, all}) == "a ");
  CHECK_FALSE(db->job("a").has_value());
  CHECK_FALSE(db->job_config("a").has_value());
  CHECK(db->job("b")->result == "[1]");
  CHECK(ids(db->jobs({-1})) == "c b ");
  CHECK(erase({41, all}) == "b ");
}

TEST_CASE_FIXTURE(retention, "the newest are kept, whenever they ended") {
  for (auto id : {"a", "b", "c", "d", "e"})
    ended(id, 10, 20);
  CHECK(erase({0, 5}).empty());
  CHECK(erase({0, 3}) == "a b ");
  CHECK(erase({0, 3}).empty());
  CHECK(ids(db->jobs({-1})) == "e d c ");
}

TEST_CASE_FIXTURE(retention, "what ended after a look in vain goes in time") {
  ended("a", 10, 20);
  CHECK(erase({20, all}).empty());
  CHECK(erase({20, all}).empty());
  ended("b", 11, 19); // stored late
  ended("c", 30, 40);
  CHECK(erase({21, all}) == "a b ");
  CHECK(erase({40, all}).empty());
  CHECK(erase({40, 0}) == "c ");
}

TEST_CASE_FIXTURE(retention, "a job that has not ended stays, however old") {
  insert(make_job("runs", 1, job_state::running));
  ended("a", 2, 3);
  insert(make_job("waits", 4, job_state::restarting));
  ended("b", 5, 6);
  CHECK(erase({1000, 1}) == "a b ");
  CHECK(ids(db->jobs({-1})) == "waits runs ");
  auto end = make_end("runs", job_state::finished, "[2]");
  update(end);
  CHECK(db->job("runs")->result == "[2]");
  CHECK(erase({1000, 1}) == "runs ");
}

TEST_CASE_FIXTURE(retention, "many that wait do not hide what ended behind") {
  write([&] {
    for (int i = 0; i < 5000; ++i)
      db->insert(make_job("waits-" + std::to_string(i), 1));
  });
  ended("a", 2, 3);
  CHECK(erase({1000, all}) == "a ");
}

TEST_CASE_FIXTURE(retention, "a limit bounds what goes at once, oldest first") {
  for (auto id : {"a", "b", "c", "d", "e"})
    ended(id, 10, 20);
  CHECK(erase({1000, all}, 2) == "a b ");
  CHECK(db->job("c")->result == "[1]");
  CHECK(db->job_config("c") == make_job("c", 1).config);
  CHECK(erase({1000, all}, 2) == "c d ");
  CHECK(erase({1000, all}, 2) == "e ");
  CHECK(erase({1000, all}, 2).empty());
}

TEST_CASE_FIXTURE(retention, "those that are too many go before those that are "
                             "too old, within one limit") {
  for (auto id : {"a", "b", "c"})
    ended(id, 10, 90);
  ended("d", 11, 20);
  ended("e", 12, 90);
  ended("f", 13, 20);
  CHECK(erase({21, 3}, 2) == "a b ");
  CHECK(erase({21, 3}, 2) == "c d ");
  CHECK(erase({21, 3}, 2) == "f ");
  CHECK(erase({21, 3}, 2).empty());
  CHECK(ids(db->jobs({-1})) == "e ");
}

TEST_CASE_FIXTURE(retention, "a new job does not get what a forgotten one "
                             "left behind") {
  ended("a", 10, 20);
  CHECK(erase({1000, all}) == "a ");
  auto x = make_job("b", 10);
  x.config = "{}";
  insert(x);
  CHECK(db->job_config("b") == "{}");
  CHECK(db->job("b")->result.empty());
}

TEST_CASE_FIXTURE(retention, "contexts are forgotten the same way") {
  ended_context("a", 10, 20);
  put(make_context("live", "live", 11, context_state::running));
  ended_context("b", 12, 40);
  ended_context("c", 13, 50);
  CHECK(erase_contexts({20, all}).empty());
  CHECK(erase_contexts({21, all}) == "a ");
  CHECK_FALSE(db->context_by_name("ctx-a").has_value());
  CHECK(erase_contexts({0, 1}) == "b ");
  CHECK_FALSE(db->context_by_name("ctx-b").has_value());
  CHECK(erase_contexts({1000, 0}, 1) == "c ");
  CHECK(db->context_by_name("live").has_value());
}
