#include <algorithm>
#include <fstream>

#include <doctest/doctest.h>

#include "base/setting.hpp"

using namespace hearth;

namespace {

using texts = std::vector<std::string>;

setting json(const char* text) {
  return setting::json(text);
}

} // namespace

TEST_CASE("a list of names is split only where it was one text") {
  CHECK(list_of("a, b,,\tc ") == texts{"a", "b", "c"});
  CHECK(list_of("") == texts{});
  CHECK(list_of("[::1], {x}") == texts{"[::1]", "{x}"});
  CHECK(list_of("http://h/a%2Cb.jar") == texts{"http://h/a%2Cb.jar"});
  CHECK(list_of(json(R"(["a,b"," c d ","[e]","50%",""])"))
        == texts{"a,b", " c d ", "[e]", "50%"});
  CHECK(list_of(json(R"([20240101,"a",1.50])"))
        == texts{"20240101", "a", "1.50"});
  CHECK(list_of(json("7")) == texts{"7"});
  CHECK(list_of(json("[]")) == texts{});
}

TEST_CASE("what is no list of texts is not taken for one") {
  for (auto text :
       {R"(["a",true])", R"([["a"]])", R"([null])", "{}", "null", "true"})
    CHECK_FALSE(list_of(json(text)));
}

TEST_CASE("lists that an earlier version stored as texts are still lists") {
  CHECK(list_of(R"(["c","d"])") == texts{"c", "d"});
  CHECK(list_of(R"(["c)") == texts{R"(["c)"});
}

TEST_CASE("Spark gets each setting as the text of the table") {
  std::ifstream table{FLAT_TEXTS};
  auto cases = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.starts_with('#'))
      continue;
    ++cases;
    auto arrow = line.rfind(" ->");
    REQUIRE(arrow != line.npos);
    auto is_text = line.starts_with("text");
    REQUIRE((is_text || line.starts_with("json")));
    auto asked = arrow > 5 ? line.substr(5, arrow - 5) : "";
    auto expected = line.substr(std::min(line.size(), arrow + 4));
    CAPTURE(line);
    CHECK(flat_text(is_text ? setting{asked} : setting::json(asked))
          == expected);
  }
  CHECK(cases > 20);
}
