#include <utility>

#include <doctest/doctest.h>

#include "conf/units.hpp"

using namespace hearth::conf;

TEST_CASE("durations come in HOCON's forms") {
  for (auto& [text, expected] : {std::pair{"0", 0},
                                 {"1500", 1500},
                                 {"500 ms", 500},
                                 {"10s", 10'000},
                                 {"1 minute", 60'000},
                                 {"0.5h", 1'800'000},
                                 {"2d", 172'800'000},
                                 {"2500us", 2},
                                 {" 3 seconds ", 3000},
                                 {"1999999ns", 1}}) {
    CAPTURE(text);
    REQUIRE(parse_duration(text).has_value());
    CHECK(parse_duration(text)->count() == expected);
  }
  for (auto text : {"", "s", "-1s", "1 fortnight", "1S", "1e3s", "inf", "nan",
                    "99999999999999999999d", "1 s s", "0x10"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("sizes come in HOCON's forms") {
  for (auto& [text, expected] : {std::pair{"0", 0ull},
                                 {"10", 10},
                                 {"10k", 10'240},
                                 {"512m", 512 << 20},
                                 {"8MiB", 8 << 20},
                                 {"1.5 K", 1536},
                                 {"10 kB", 10'000},
                                 {"2 megabytes", 2'000'000},
                                 {"1g", 1 << 30},
                                 {"4T", 4ull << 40},
                                 {"7 bytes", 7}}) {
    CAPTURE(text);
    REQUIRE(parse_size(text).has_value());
    CHECK(*parse_size(text) == expected);
  }
  for (auto text : {"", "m", "-1k", "1 q", "1kb", "9007199254740992", "1e9"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text).has_value());
  }
}
