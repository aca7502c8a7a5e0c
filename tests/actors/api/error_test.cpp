#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "actors/api/error.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"

using namespace hearth;

TEST_CASE("an error keeps its code and what a client is told") {
  auto err
    = make_error(ec::no_slots, problem{"full", "some.Class", "at x", "ctx"});
  CHECK(code_of(err) == ec::no_slots);
  CHECK(problem_of(err).message == "full");
  CHECK(problem_of(err).error_class == "some.Class");
  CHECK(problem_of(err).subject == "ctx");
}

TEST_CASE("a request that ran into its deadline is a deadline error") {
  auto err = caf::make_error(caf::sec::request_timeout);
  CHECK(code_of(err) == ec::deadline);
  CHECK_FALSE(problem_of(err).message.empty());
}

TEST_CASE("any other error of the actor library is internal") {
  CHECK(code_of(caf::make_error(caf::sec::runtime_error)) == ec::internal);
}
