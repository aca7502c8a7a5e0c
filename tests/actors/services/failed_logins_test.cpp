#include <doctest/doctest.h>

#include "actors/services/failed_logins.hpp"

using namespace hearth;

TEST_CASE("a name cannot forge a line of the log") {
  CHECK(quoted_name("ann") == "\"ann\"");
  CHECK(quoted_name("a\nERROR \"x\"\\\x1b[31m\xc3\xa4")
        == "\"a\\x0aERROR \\x22x\\x22\\x5c\\x1b[31m\\xc3\\xa4\"");
  CHECK(quoted_name(std::string(65, 'x'))
        == "\"" + std::string(64, 'x') + "…\"");
}

TEST_CASE("the first failures are logged one by one, the others counted") {
  failed_logins logins;
  CHECK_FALSE(logins.any());
  CHECK(logins.add("ann", "10.0.0.1")
        == "failed login of \"ann\" from 10.0.0.1");
  CHECK(logins.any());
  for (std::size_t i = 1; i < failed_logins::single_lines; ++i)
    CHECK_FALSE(logins.add("ann", "").empty());
  for (auto i = 0; i < 1000; ++i)
    CHECK(logins.add("ann", "10.0.0.2").empty());
  CHECK(logins.end_period()
        == "1000 more failed logins within 10 s, the last from 10.0.0.2");
  CHECK_FALSE(logins.any());
  CHECK(logins.add("bob", "") == "failed login of \"bob\"");
  CHECK(logins.end_period().empty());
}
