#include <doctest/doctest.h>

#include "conf/permissions.hpp"

using namespace hearth::conf;

TEST_CASE("a permission stands for itself, or for all below it") {
  struct {
    const char* text;
    permissions set;
  } rows[] = {
    {"", 0},
    {" ", 0},
    {"jobs:read", may::enter | may::read_jobs},
    {"jobs", may::enter | may::read_jobs | may::start_jobs | may::delete_jobs},
    {"jobs:read, data:reset", may::enter | may::read_jobs | may::reset_data},
    {"binaries,binaries:read", may::enter | may::read_binaries
                                 | may::upload_binaries | may::delete_binaries},
    {"contexts", may::enter | may::read_contexts | may::start_contexts
                   | may::delete_contexts | may::reset_contexts},
    {"*", may::enter | 0x3fff},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    auto found = parse_permissions(row.text);
    REQUIRE(found);
    CHECK(*found == row.set);
  }
}

TEST_CASE("what is no permission is refused") {
  for (auto text : {"job", "jobs:", "jobs:upload", "jobs,", ",jobs", "jobs:*",
                    "Jobs", "jobs read"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_permissions(text));
  }
}

TEST_CASE("all that is needed has to be granted") {
  CHECK(allows(may::read_jobs, may::nothing));
  CHECK(allows(may::read_jobs | may::start_jobs, may::read_jobs));
  CHECK_FALSE(allows(may::read_jobs, may::read_jobs | may::start_jobs));
}
