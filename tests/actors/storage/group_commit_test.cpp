#include <map>
#include <set>

#include <doctest/doctest.h>

#include "actors/storage/group_commit.hpp"

using namespace hearth;

namespace {

struct fixture {
  /// Commits jobs "0", "1", …; those in `troubles` fail.
  commit_report commit(std::size_t count) {
    attempts.clear();
    return commit_together(*db, durability::lazy, count,
                           [this](store& to, std::size_t i) {
                             attempts.insert(i);
                             auto x = troubles.find(i);
                             if (x != troubles.end())
                               throw store_error("trouble", x->second);
                             job_record job;
                             job.id = std::to_string(i);
                             to.insert(job);
                           });
  }

  bool has(std::size_t i) {
    return db->job(std::to_string(i)).has_value();
  }

  std::unique_ptr<store> db = open_store("sqlite::memory:");
  std::map<std::size_t, store_trouble> troubles;
  std::set<std::size_t> attempts; ///< the writes that were tried
};

/// Of each write: '+' stored, '-' failed, '?' unknown.
std::string fates(const commit_report& x, std::size_t count) {
  std::string result;
  for (auto& part : x.parts)
    result.append(part.count, part.failure ? '-' : '+');
  result.resize(count, '?');
  return result;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "writes that all work are one part") {
  auto report = commit(10);
  CHECK(report.parts.size() == 1);
  CHECK(fates(report, 10) == "++++++++++");
  CHECK_FALSE(report.interruption);
}

TEST_CASE_FIXTURE(fixture, "writes that are refused take no other with them") {
  troubles = {{0, store_trouble::refused}, {5, store_trouble::refused}};
  auto report = commit(8);
  CHECK(fates(report, 8) == "-++++-++");
  for (std::size_t i = 0; i < 8; ++i)
    CHECK(has(i) == (troubles.count(i) == 0));
}

TEST_CASE_FIXTURE(fixture, "all of them may be refused") {
  for (std::size_t i = 0; i < 5; ++i)
    troubles[i] = store_trouble::refused;
  CHECK(fates(commit(5), 5) == "-----");
}

TEST_CASE_FIXTURE(fixture, "one that finds no space leaves it to the others") {
  troubles = {{2, store_trouble::full}};
  CHECK(fates(commit(4), 4) == "++-+");
}

TEST_CASE_FIXTURE(fixture, "a device that is full is not tried without end") {
  for (std::size_t i = 0; i < 100; ++i)
    troubles[i] = store_trouble::full;
  auto report = commit(100);
  CHECK(fates(report, 100) == std::string(100, '-'));
  CHECK(report.parts.back().failure->full());
  CHECK(attempts.size() < 20);
}

TEST_CASE_FIXTURE(fixture, "what follows an interruption is unknown") {
  for (auto kind : {store_trouble::lost, store_trouble::locked}) {
    db = open_store("sqlite::memory:");
    troubles = {{1, store_trouble::refused}, {6, kind}};
    auto report = commit(8);
    CHECK(fates(report, 8) == "+-++????");
    REQUIRE(report.interruption);
    CHECK(report.interruption->kind() == kind);
  }
}

TEST_CASE_FIXTURE(fixture, "an error of another kind fails alone, too") {
  auto report
    = commit_together(*db, durability::lazy, 2, [](store& to, std::size_t i) {
        if (i == 1)
          throw std::runtime_error("odd");
        job_record job;
        job.id = "0";
        to.insert(job);
      });
  CHECK(fates(report, 2) == "+-");
  CHECK(report.parts.back().failure->what() == std::string{"odd"});
}
