#include <cstring>
#include <hearth/config.hpp>
#include <hearth/json_writer.hpp>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

namespace {

/// Gives room in small pieces, so that every write meets an end.
class small_sink : public hearth::json_sink {
public:
  char* next(std::size_t used, std::size_t least, std::size_t& room) override {
    text.append(piece_.data(), used);
    piece_.resize(std::max<std::size_t>(least, 3));
    room = piece_.size();
    return piece_.data();
  }

  std::string text;

private:
  std::vector<char> piece_;
};

template <class T>
std::string json(const T& x) {
  small_sink sink;
  hearth::json_writer out{sink};
  out.write(x);
  out.finish();
  return sink.text;
}

struct point {
  int x;
  int y;

  void write_json(hearth::json_writer& out) const {
    out.begin_object();
    out.member("x", x).member("y", y);
    out.end_object();
  }
};

} // namespace

TEST_CASE("values become JSON") {
  CHECK(json(1) == "1");
  CHECK(json(-1.5) == "-1.5");
  CHECK(json(true) == "true");
  CHECK(json(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(json("a\"\\\n\x01ü") == R"("a\"\\\n\u0001ü")");
  CHECK(json(std::vector<bool>{true, false}) == "[true,false]");
  CHECK(json(std::vector<std::vector<int>>{{1, 2}, {}, {3}})
        == "[[1,2],[],[3]]");
  CHECK(json(std::map<std::string, int>{{"a", 1}, {"b", 2}})
        == R"({"a":1,"b":2})");
  CHECK(json(std::map<int, int>{{1, 2}}) == R"({"1":2})");
  CHECK(json(std::tuple{1, std::string{"x"}, 2.5}) == R"([1,"x",2.5])");
  CHECK(json(std::optional<int>{}) == "null");
  CHECK(json(std::optional<int>{3}) == "3");
  CHECK(json(std::vector<point>{{1, 2}, {3, 4}})
        == R"([{"x":1,"y":2},{"x":3,"y":4}])");
  CHECK(json(std::numeric_limits<std::uint64_t>::max())
        == "18446744073709551615");
}

TEST_CASE("a configuration is read by dotted paths") {
  hearth::config x{R"({"a":{"b":[1,2,{"c":"x"}],"d.e":true},"n":null,
    "t":"12","f":1.5,"big":9007199254740993,"u":"A\u00fc\ud83d\udd25\n"})"};
  CHECK(x.get<int>("a.b.0") == 1);
  CHECK(x.get<std::string>("a.b.2.c") == "x");
  CHECK(x.get<bool>("a.\"d.e\""));
  CHECK(x.get<int>("t") == 12);
  CHECK(x.get<double>("f") == 1.5);
  CHECK(x.get<std::int64_t>("big") == 9007199254740993);
  CHECK(x.get<std::string>("u") == "Aü🔥\n");
  CHECK(x.get<hearth::config>("a").get<int>("b.1") == 2);
  CHECK(x.get_or("missing", "y") == "y");
  CHECK(x.get_or("n", 7) == 7);
  CHECK_FALSE(x.has("n"));
  CHECK_FALSE(x.has("a.b.3"));
  CHECK(x.keys().size() == 6);
  CHECK(hearth::config{"{\"v\":[1,2]}"}.get<std::vector<int>>("v")
        == std::vector{1, 2});
}

TEST_CASE("whole numbers in other forms are whole numbers") {
  hearth::config x{R"({"a":1e3,"b":2.0,"c":2.5,"d":300,"e":-1})"};
  CHECK(x.get<int>("a") == 1000);
  CHECK(x.get<int>("b") == 2);
  CHECK_THROWS_AS(x.get<int>("c"), hearth::config_error);
  CHECK_THROWS_AS(x.get<std::uint8_t>("d"), hearth::config_error);
  CHECK_THROWS_AS(x.get<std::uint64_t>("e"), hearth::config_error);
}

TEST_CASE("a wrong value is named") {
  hearth::config x{R"({"a":{"b":"text"}})"};
  CHECK_THROWS_WITH(x.get<int>("a.c"),
                    "the configuration has no value for 'a.c'");
  CHECK_THROWS_WITH(x.get<int>("a.b"),
                    "the configuration's value for 'a.b' is \"text\", not a "
                    "whole number in the type's range");
  CHECK_THROWS_WITH(x.get<std::string>("a"),
                    "the configuration's value for 'a' is an object, not a "
                    "text");
}

TEST_CASE("text that is no JSON is refused") {
  for (auto text :
       {"", "{", "{\"a\"}", "[1,]", "{\"a\":1}x", "\"\\x\"", "\"\\ud8\"", "nul",
        "{\"a\":1,}", "\"\\ud83d\"", "\"\\ud83d\\u0041\"", "\"\\ude00\""}) {
    CAPTURE(text);
    CHECK_THROWS_AS(hearth::config{text}, hearth::config_error);
  }
  CHECK_THROWS_AS(hearth::config{std::string(100'000, '[')},
                  hearth::config_error);
}
