#include <doctest/doctest.h>

#include "cli/json.hpp"

namespace json = hearth::cli::json;

TEST_CASE("values are looked up; what is not there is empty") {
  auto x = json::value::parse(R"({"a": "t", "n": 12, "o": {"b": [1, "2"]}})");
  REQUIRE(x);
  CHECK(x->is_object());
  CHECK((*x)["a"].text() == "t");
  CHECK((*x)["n"].count() == 12);
  CHECK((*x)["a"].count() == std::nullopt);
  CHECK((*x)["missing"]["deeper"].text().empty());
  CHECK((*x)["o"]["b"].items().size() == 2);
  CHECK(x->members().size() == 3);
  CHECK(x->members()[0].first == "a");
  CHECK_FALSE(json::value::parse("<html>"));
  CHECK_FALSE(json::value::parse(""));
  CHECK_FALSE(json::value::parse(std::string("{}\0{}", 5)));
}

TEST_CASE("half of a pair of escapes is a character all the same") {
  CHECK(json::value::parse(R"("\udc00b")")->text()
        == "\xEF\xBF\xBD"
           "b");
}

TEST_CASE("a value outlives the text it was read from") {
  auto read = [] {
    std::string text = R"({"a": {"b": "long enough to lie on the heap"}})";
    return (*json::value::parse(text))["a"];
  };
  CHECK(read()["b"].text() == "long enough to lie on the heap");
}

TEST_CASE("a member is shown as text, or as JSON with its numbers as sent") {
  auto shown
    = [](const char* text) { return json::shown_member(text, "result"); };
  CHECK(shown(R"({"result": "a \"b\"\n"})") == "a \"b\"\n");
  CHECK(shown(R"({"result": ""})").empty());
  CHECK(shown(R"({"result": 123456789012345678901234567890})")
        == "123456789012345678901234567890");
  CHECK(shown(R"({"result": 1.10})") == "1.10");
  CHECK(shown(R"({"result": null})") == "null");
  CHECK(shown(R"({"result": true, "x": 1})") == "true");
  CHECK(shown(R"({"x": {"result": 1}, "result": {"result": [1.0, {}]}})")
        == "{\n  \"result\": [\n    1.0,\n    {}\n  ]\n}");
  CHECK(shown(R"({"result": [], "y": [{"result": 3}]})") == "[]");
  CHECK(shown(R"({"x": 1})").empty());
  CHECK(shown(R"([{"result": 1}])").empty());
  CHECK(shown("no JSON").empty());
  CHECK(shown(R"({"result": "a\ude00"})") == "a\xEF\xBF\xBD");
  CHECK(shown(R"({"result": ["\ude00", "\ud7ff"]})")
        == "[\n  \"\xEF\xBF\xBD\",\n  \"\xED\x9F\xBF\"\n]");
}

TEST_CASE("depth costs no stack") {
  auto deep = R"({"result": )" + std::string(200'000, '[')
              + std::string(200'000, ']') + '}';
  CHECK(json::value::parse(deep));
  CHECK(json::valid(deep));
}

TEST_CASE("one value and nothing else is JSON") {
  for (const char* good :
       {"1", "-1.5e300", "true", "null", "\"x\"", "[1,2]", "{\"a\":1}", " 5 "})
    CHECK_MESSAGE(json::valid(good), good);
  for (const char* bad : {"", "a", "1 2", "{a:1}", "[1,]", "'x'", "01"})
    CHECK_FALSE_MESSAGE(json::valid(bad), bad);
}
