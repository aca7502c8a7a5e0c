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

TEST_CASE("Spark gets a list as a text with commas if that is the same") {
  CHECK(flat_text(json(R"(["a","b c",1.10,true,null])"))
        == "a,b c,1.10,true,null");
  CHECK(flat_text(json("[]")) == "");
  CHECK(flat_text(json("[12345678901234567890123]"))
        == "12345678901234567890123");
  for (auto text : {R"(["a,b","c"])", R"([{"$match":1}])", "[[1]]"})
    CHECK(flat_text(json(text)) == text);
  for (auto text : {"[::1]", R"(["a","b"])", "{", "[{$match: 1}]", "a,b"})
    CHECK(flat_text(text) == text);
  CHECK(flat_text(json("1.10")) == "1.10");
}
