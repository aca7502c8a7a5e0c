#include <doctest/doctest.h>

#include "http/core/query.hpp"

using namespace hearth::http;

TEST_CASE("query parameters are split and decoded") {
  auto q = parameters::parse("a=1&b&c=x%20y+z&&d=%C3%A4&e=1=2");
  CHECK(q.get("a") == "1");
  CHECK(q.find("b") != nullptr);
  CHECK(q.get("b").empty());
  CHECK(q.get("c") == "x y z");
  CHECK(q.get("d") == "\xC3\xA4");
  CHECK(q.get("e") == "1=2");
  CHECK(q.find("f") == nullptr);
}

TEST_CASE("of several parameters with one name the last one counts") {
  auto q = parameters::parse("a=1&a=2");
  CHECK(q.get("a") == "2");
  q.erase("a");
  CHECK(q.find("a") == nullptr);
}

TEST_CASE("what cannot be decoded is refused and named") {
  for (const char* text :
       {"k=%", "k=%4", "k=%zz", "k=%00", "k=%FF", "k=\xC3", "k=%C0%80",
        "k=%ED%A0%80", "k=%F4%90%80%80", "k=%E2%82", "%GG=1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parameters::parse(text), bad_request);
  }
  try {
    parameters::parse("limit=%x");
    FAIL("accepted");
  } catch (const bad_request& e) {
    CHECK(std::string{e.what()}
          == "invalid escape '%x' in the query parameter 'limit'");
  }
}

TEST_CASE("well-formed UTF-8 of every length goes through") {
  auto q = parameters::parse("k=%24%C2%A2%E0%A4%B9%F0%90%8D%88%EE%80%80");
  CHECK(q.get("k").size() == 1 + 2 + 3 + 4 + 3);
}

TEST_CASE("booleans and numbers are read as SJS reads them") {
  auto q = parameters::parse("a=TRUE&b=off&c=yes&d=maybe&n=-1&m=x&o=99999999999"
                             "&p=1x");
  CHECK(q.flag("a", false));
  CHECK_FALSE(q.flag("b", true));
  CHECK(q.flag("c", false));
  CHECK(q.flag("missing", true));
  CHECK_THROWS_WITH_AS(q.flag("d", true),
                       "The query parameter 'd' was malformed: 'maybe' is not "
                       "a valid Boolean value",
                       bad_request);
  CHECK(q.number("n", 0) == -1);
  CHECK(q.number("missing", 7) == 7);
  CHECK_THROWS_WITH_AS(q.number("m", 0),
                       "The query parameter 'm' was malformed: 'x' is not a "
                       "valid 32-bit signed integer value",
                       bad_request);
  CHECK_THROWS_AS(q.number("o", 0), bad_request);
  CHECK_THROWS_AS(q.number("p", 0), bad_request);
}

TEST_CASE("path segments are decoded once and split before that") {
  using strings = std::vector<std::string>;
  CHECK(split_path("/").empty());
  CHECK(split_path("/a/b") == strings{"a", "b"});
  CHECK(split_path("/a/b/") == strings{"a", "b"});
  CHECK(split_path("/a%2Fb") == strings{"a/b"});
  CHECK(split_path("/a+b") == strings{"a+b"});
  CHECK(split_path("/a%252Fb") == strings{"a%2Fb"});
  CHECK(split_path("//a") == strings{"", "a"});
  CHECK_THROWS_AS(split_path(""), bad_request);
  CHECK_THROWS_AS(split_path("http://x/"), bad_request);
  CHECK_THROWS_AS(split_path("/%"), bad_request);
}

TEST_CASE("names that could be something else are refused") {
  CHECK(checked_name("a-b_c.d ä") == "a-b_c.d ä");
  CHECK(checked_name(std::string(255, 'x')).size() == 255);
  for (const auto& name :
       {std::string{}, std::string{"."}, std::string{".."}, std::string{"a/b"},
        std::string{"a\nb"}, std::string(256, 'x')}) {
    CAPTURE(name);
    CHECK_THROWS_AS(checked_name(name), bad_request);
  }
}

TEST_CASE("encoding is the reverse of decoding") {
  std::string text = "a b/c\r\n\xC3\xA4%~";
  CHECK(encode(text) == "a%20b%2Fc%0D%0A%C3%A4%25~");
  CHECK(decode(encode(text), false, "text") == text);
}
