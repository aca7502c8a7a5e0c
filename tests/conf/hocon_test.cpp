#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "conf/hocon.hpp"

using namespace hearth::conf;
using hearth::setting;

namespace {

std::string repeat(const std::string& x, std::size_t n) {
  std::string result;
  result.reserve(n * x.size());
  for (std::size_t i = 0; i < n; ++i)
    result += x;
  return result;
}

/// What is wrong with the text, or what came of it.
std::string error_of(const std::string& text) {
  try {
    return "no error: " + to_json(text);
  } catch (const parse_error& x) {
    return x.what();
  }
}

std::string settings_of(const std::string& text) {
  std::string result;
  for (auto& [key, value] : to_settings(text))
    result += key + "=" + value.text + ";";
  return result;
}

struct row {
  std::string text;
  std::string expected;
};

} // namespace

TEST_CASE("JSON goes through untouched") {
  for (std::string text :
       {R"({})",
        R"( { "a" : 1.10, "b":[1e300, 123456789012345678901234567890]} )",
        R"({"a":1,"a":2})", R"({"s":"\ud83d\ude00 é \u0000","n":null})",
        "{\r\n\t\"a\": {\"b\": [true, {}]}\r\n}"}) {
    CAPTURE(text);
    CHECK(to_json(text) == text);
  }
}

TEST_CASE("JSON ends where its text does") {
  CHECK(error_of(std::string{"{\"a\":1}\0}", 9})
        == "1:8: a NUL character is not allowed");
}

TEST_CASE("numbers beyond a double become texts with the same digits") {
  CHECK(to_json("{\"a\": 1e400, \"b\": [-1.0E+999], \"c\": {\"d\": 1e308}}")
        == R"({"a":"1e400","b":["-1.0E+999"],"c":{"d":1e308}})");
  CHECK(to_json("a = 1e400, b = ${a}, c = 0.1e-400")
        == R"({"a":"1e400","b":"1e400","c":0.1e-400})");
  auto digits = std::string(400, '9');
  CHECK(to_json("{\"a\":" + digits + "}") == "{\"a\":\"" + digits + "\"}");
}

TEST_CASE("HOCON becomes JSON") {
  for (auto& [text, expected] : {
         row{"", "{}"},
         row{" \r\n\t", "{}"},
         row{"# a comment\n// another", "{}"},
         row{"\xEF\xBB\xBF a = 1", R"({"a":1})"},
         row{"a = 1\r\nb : 2\r\n", R"({"a":1,"b":2})"},
         row{"{a = 1, b = 2,}", R"({"a":1,"b":2})"},
         row{"\n{\na = 1\n}\n# end", R"({"a":1})"},
         row{"a\n{ b\n=\n1 }", R"({"a":{"b":1}})"},
         row{"input.string = a b c a b see",
             R"({"input":{"string":"a b c a b see"}})"},
         row{"a = b # no", R"({"a":"b"})"},
         row{"a = b // no", R"({"a":"b"})"},
         row{"a = \"b # // yes\"", R"({"a":"b # // yes"})"},
         row{"a b c = 1", R"({"a b c":1})"},
         row{"a.\"b.c\".d = 1", R"({"a":{"b.c":{"d":1}}})"},
         row{"\"\" = 1", R"({"":1})"},
         row{"\"include\" = 1, include-x = 2, a.include = 3",
             R"({"a":{"include":3},"include":1,"include-x":2})"},
         row{"a = include x", R"({"a":"include x"})"},
         row{"a.b = 1\na { c = 2 }\na.b = 3", R"({"a":{"b":3,"c":2}})"},
         row{"a = 1\na.b = 2", R"({"a":{"b":2}})"},
         row{"a.b = 1\na = 2", R"({"a":2})"},
         row{"a { b = 1 } { c = 2 }", R"({"a":{"b":1,"c":2}})"},
         row{"a {}\nb = {}", R"({"a":{},"b":{}})"},
         row{"a = [1, x y, \"z\", [], {b.c = 1}, null]",
             R"({"a":[1,"x y","z",[],{"b":{"c":1}},null]})"},
         row{"a = [\n1\n2,\n3\n,\n]", R"({"a":[1,2,3]})"},
         row{"a = [1] [2]", R"({"a":[1,2]})"},
         row{"a += 1\na += 2\na += 3", R"({"a":[1,2,3]})"},
         row{"a = true, b = yes, c = null, d = \"true\"",
             R"({"a":true,"b":"yes","c":null,"d":"true"})"},
         row{"a = \"\"\"x\n\"y\" \\n\"\"\"\"", R"({"a":"x\n\"y\" \\n\""})"},
         row{R"(a = "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")",
             R"({"a":"\"\\/\b\f\n\r\té😀"})"},
         row{"a = \"é 😀\"\nb = é 😀", R"({"a":"é 😀","b":"é 😀"})"},
         row{"\xC2\xA0"
             "a\xE3\x80\x80=\xE2\x80\x89"
             "b",
             R"({"a":"b"})"},
       }) {
    CAPTURE(text);
    CHECK(to_json(text) == expected);
  }
}

TEST_CASE("numbers stay as they were written") {
  for (std::string number :
       {"0", "-0", "1.10", "1e308", "1E+5", "-12.5e-3", "9223372036854775808",
        "123456789012345678901234567890",
        "0.1000000000000000055511151231257827"}) {
    CAPTURE(number);
    CHECK(to_json("a = " + number) == "{\"a\":" + number + "}");
    CHECK(settings_of("a = " + number) == "a=" + number + ";");
    CHECK(to_json("a = \"" + number + "\"") == "{\"a\":\"" + number + "\"}");
  }
  for (std::string text : {"007", "1.", ".5", "1e", "-", "0x1f", "10 s", "NaN"})
    CHECK(to_json("a = " + text) == "{\"a\":\"" + text + "\"}");
}

TEST_CASE("substitutions resolve within the text") {
  for (auto& [text, expected] : {
         row{"a = ${b}\nb = 1", R"({"a":1,"b":1})"},
         row{"a = ${b.c} x ${b.c}\nb.c = 1.10",
             R"({"a":"1.10 x 1.10","b":{"c":1.10}})"},
         row{"a = ${?b}\nc = [${?b}, 1]", R"({"c":[1]})"},
         row{"a = x${?b}y", R"({"a":"xy"})"},
         row{"a = 1\na = ${?b}", R"({"a":1})"},
         row{"a = ${\"x.y\"}\n\"x.y\" = 1", R"({"a":1,"x.y":1})"},
         row{"a = ${ b . c }\n\"b \".\" c\" = 1", R"({"a":1,"b ":{" c":1}})"},
         row{"base { x = 1, y = 2 }\nd = ${base} { y = 3, z = ${d.y} }",
             R"({"base":{"x":1,"y":2},"d":{"x":1,"y":3,"z":3}})"},
         row{"p = a\np = ${p}:b", "1:12"},
         row{"p = a\np = ${p}\":b\"\np = ${p}\":c\"", R"({"p":"a:b:c"})"},
         row{"a { x = 1, y = ${a.x} }", R"({"a":{"x":1,"y":1}})"},
         row{"l = [1]\nl = ${l} [2]\nm = ${l} ${l}",
             R"({"l":[1,2],"m":[1,2,1,2]})"},
         row{"a = ${nope}\na = 1", R"({"a":1})"},
         row{"a = ${?b}\nb = ${?a}", "{}"},
         row{"a.b = ${nope}\na = 1", R"({"a":1})"},
         row{"a.b = ${?nope}", R"({"a":{}})"},
         row{"a = [1]\na = [${a}, 2]", R"({"a":[[1],2]})"},
         row{"a = [1]\na = ${a} ${a}", R"({"a":[1,1]})"},
         row{"a { b { c = 1 } }\na = ${a.b}", R"({"a":{"b":{"c":1},"c":1}})"},
         row{"a { x = 1 }\na = ${a} { x = 2 }", R"({"a":{"x":2}})"},
         row{"a { x = 1 }\na = ${a} { y = ${a.x} }\na.x = 3",
             R"({"a":{"x":3,"y":3}})"},
         row{"a { x = ${nope} }\na { x = 1 }\nb = ${a}",
             R"({"a":{"x":1},"b":{"x":1}})"},
         row{"a.x = ${nope}\na = 1\na.x = 2", R"({"a":{"x":2}})"},
         row{"a = [1]\na = [${a}]\na = 2\na = [${a}]\nb = ${a}",
             R"({"a":[2],"b":[2]})"},
         row{"a = ${?b}null", R"({"a":null})"},
         row{"a = null x", R"({"a":"null x"})"},
         row{"a = 1${?nope}, b = 1 ${?nope}, c = x${?nope}",
             R"({"a":1,"b":"1 ","c":"x"})"},
         row{"a = ${b}\nb = 1\nb = 2", R"({"a":2,"b":2})"},
         row{"o = {a = 1}\np = ${o}\np.b = ${p.a}",
             R"({"o":{"a":1},"p":{"a":1,"b":1}})"},
       }) {
    CAPTURE(text);
    if (expected[0] == '{')
      CHECK(to_json(text) == expected);
    else
      CHECK_THROWS_AS(to_json(text), parse_error);
  }
}

TEST_CASE("a long way to a small result is no fault") {
  auto counted = [](int n, auto&& line) {
    std::string text;
    for (auto i = 0; i < n; ++i)
      text += line(i);
    return text;
  };
  auto list_of = [&](int n, const std::string& item) {
    auto items = counted(n, [&](int) { return item + ","; });
    items.pop_back();
    return "[" + items + "]";
  };
  auto name = [](const char* of, int i) { return of + std::to_string(i); };
  constexpr auto many = 100'000;
  CHECK(to_json(repeat("a+=1\n", many))
        == "{\"a\":" + list_of(many, "1") + "}");
  CHECK(settings_of(repeat("a.b+=1\n", many))
        == "a.b=" + list_of(many, "1") + ";");
  CHECK(to_json(repeat("a+=1\n", 5000) + "b=${a}")
        == "{\"a\":" + list_of(5000, "1") + ",\"b\":" + list_of(5000, "1")
             + "}");
  CHECK(to_json(repeat("a+={b=1}\n", 20'000))
        == "{\"a\":" + list_of(20'000, R"({"b":1})") + "}");
  CHECK(to_json(repeat("a=${?a}[1]\n", 50'000))
        == "{\"a\":" + list_of(50'000, "1") + "}");
  CHECK(to_json("a=x\n" + repeat("a=${a}x\n", many))
        == "{\"a\":\"" + std::string(many + 1, 'x') + "\"}");
  CHECK(settings_of("a=x\n" + repeat("a=${a}\":x\"\n", 50'000)).size()
        == 100'004);
  CHECK(to_json("a={b:1}\n" + repeat("a=${a}{b:2}\n", 50'000))
        == R"({"a":{"b":2}})");
  CHECK(settings_of("a.b=1\n" + repeat("a=${a}\n", many)) == "a.b=1;");
  // Each field of a large object, by a path that leads to another one.
  auto fields = counted(5000, [&](int i) { return name("k", i) + "=1\n"; });
  CHECK_NOTHROW(to_json(
    "big {" + fields + "}\nalias = ${big}\n" + counted(5000, [&](int i) {
      return name("x", i) + "=${alias." + name("k", i) + "}\n";
    })));
  // A chain that leads on to what comes later.
  CHECK_NOTHROW(to_json(counted(900,
                                [&](int i) {
                                  return name("a", i) + "=${" + name("a", i + 1)
                                         + "}\n";
                                })
                        + "a900=1"));
  CHECK_NOTHROW(to_json("a0=1\n" + counted(20'000, [&](int i) {
                          return name("a", i + 1) + "=${" + name("a", i)
                                 + "}\n";
                        })));
  CHECK_NOTHROW(to_json("base{a=1,b=2}\n" + counted(2000, [&](int i) {
                          return name("x", i)
                                 + "=${base}{c=" + std::to_string(i) + "}\n";
                        })));
}

TEST_CASE("the environment is out of reach") {
  CHECK(error_of("a = ${PATH}")
        == "1:5: Could not resolve substitution to a value: ${PATH}");
  CHECK(to_json("a = ${?PATH}") == "{}");
}

TEST_CASE("what does not parse says what is wrong and where") {
  for (auto& [text, expected] : {
         row{"a { b", "1:6: Key 'b' may not be followed by token: end of text"},
         row{"a = ${nope.nope}",
             "1:5: Could not resolve substitution to a value: ${nope.nope}"},
         row{"x = 1\ny = [1, ${\"a b\".c}]",
             "2:9: Could not resolve substitution to a value: ${\"a b\".c}"},
         row{"a = ${b}\nb = ${a}",
             "2:5: ${a} is part of a cycle of substitutions"},
         row{"[1]", "1:1: the text is a list rather than an object"},
         row{"a = 1,,b = 2", "1:7: expected a key, got ','"},
         row{"a =", "1:4: expected a value, got end of text"},
         row{"a = }", "1:5: expected a value, got '}'"},
         row{"{ a = 1", "1:8: expected a comma or a new line, got end of text"
                        " (a text with such signs needs quotes)"},
         row{"{ a = 1 } b", "1:11: expected the end of the text after the "
                            "closing '}', got 'b'"},
         row{"a = b = c", "1:7: expected a comma or a new line, got '='"
                          " (a text with such signs needs quotes)"},
         row{"a = http://x", "1:9: expected a comma or a new line, got ':'"
                             " (a text with such signs needs quotes)"},
         row{"é = \"x\ny\"", "1:5: a string has no closing quote"},
         row{"a = \"\"\"x", "1:5: a string that begins with \"\"\" has no end"},
         row{"a = \"\\q\"", "1:6: a backslash in a quoted string needs one of "
                            "\"\\/bfnrtu after it; write \\\\ for the "
                            "character itself"},
         row{"a = \"\\u12g4\"", "1:10: \\u needs four hexadecimal digits"},
         row{"a = \"\\ud800\"", "1:6: half of a surrogate pair stands alone"},
         row{"a = \"\\ud800\\u0041\"",
             "1:6: half of a surrogate pair stands alone"},
         row{"{\"a\": \"\\udc00\"}",
             "1:8: half of a surrogate pair stands alone"},
         row{"a = \"\x01\"", "1:6: a control character in a quoted string "
                             "needs an escape, e.g. \\t"},
         row{"a = $b", "1:5: Reserved character '$' is not allowed outside "
                       "quotes"},
         row{"a = ${b", "1:5: a substitution has no closing '}'"},
         row{"a = ${b c = 1\n}", "1:5: a substitution has no closing '}'"},
         row{"a..b = 1", "1:1: a path may not begin or end with '.' or have "
                         "two in a row; an empty piece is written \"\""},
         row{"a = [1, {b = 1} 2]",
             "1:17: lists, objects and texts cannot be joined with one "
             "another"},
         row{"a = 1 {b = 1}", "1:5: only an object can stand beside an "
                              "object"},
         row{"include \"x\"", "1:1: include is not supported; a key of that "
                              "name needs quotes"},
         row{"a { include url(\"http://x\") }",
             "1:5: include is not supported; a key of that name needs quotes"},
         row{"a = [{\ninclude \"x\" }]",
             "2:1: include is not supported; a key of that name needs quotes"},
         row{std::string("a = x\0y", 7), "1:6: a NUL character is not allowed"},
         row{"a = 1\nb = \xFF", "2:5: this is not UTF-8"},
         row{"a = \xC3", "1:5: this is not UTF-8"},
         row{"a = \xED\xA0\x80", "1:5: this is not UTF-8"},
       }) {
    CAPTURE(text);
    CHECK(error_of(text) == expected);
  }
}

TEST_CASE("an error knows its line and column") {
  try {
    to_json("a = 1\n\n  b");
    FAIL("no error");
  } catch (const parse_error& x) {
    CHECK(x.line() == 3);
    CHECK(x.column() == 4);
  }
}

TEST_CASE("JSON that is broken is reported as HOCON") {
  CHECK(error_of(R"({"a": 1, "b"})")
        == "1:13: Key 'b' may not be followed by token: '}'");
  CHECK(to_json(R"({"a": 1, b: x y})") == R"({"a":1,"b":"x y"})");
}

TEST_CASE("no text is too deep, too large or too slow") {
  constexpr std::size_t n = 1 << 20;
  for (auto& [name, text] : {
         row{"brackets", std::string(n, '[')},
         row{"JSON lists", "{\"a\":" + std::string(100'000, '[')
                             + std::string(100'000, ']') + "}"},
         row{"JSON objects",
             repeat("{\"a\":", 100'000) + "1" + std::string(100'000, '}')},
         row{"lists", "a=" + std::string(100'000, '[')},
         row{"objects", repeat("a{", 100'000)},
         row{"a path", repeat("a.", 100'000) + "b=1"},
         row{"a path over braces", repeat("a.b.c{", 34) + "}"},
         row{"a substitution's path", "a=${" + repeat("a.", 100'000) + "b}"},
         row{"a long path", std::string(5000, 'a') + "=1"},
         row{"too many bytes", repeat("#", n + 1)},
         row{"a doubling", "a=0123456789\n" +
                             [] {
                               std::string result;
                               for (auto i = 0; i < 40; ++i)
                                 result += "a=${a}${a}\n";
                               return result;
                             }()},
         row{"a doubling along a chain",
             "a0=[x]\n" +
               [] {
                 std::string result;
                 for (auto i = 0; i < 40; ++i)
                   result += "a" + std::to_string(i + 1) + "=[${a"
                             + std::to_string(i) + "},${a" + std::to_string(i)
                             + "}]\n";
                 return result;
               }()},
         row{"nesting by substitution", "a0=1\n" +
                                          [] {
                                            std::string result;
                                            for (auto i = 0; i < 1000; ++i)
                                              result
                                                += "a" + std::to_string(i + 1)
                                                   + "=[${a" + std::to_string(i)
                                                   + "}]\n";
                                            return result;
                                          }()},
         row{"a long chain",
             [] {
               std::string result;
               for (auto i = 0; i < 50'000; ++i)
                 result += "a" + std::to_string(i) + "=${a"
                           + std::to_string(i + 1) + "}\n";
               return result;
             }()},
       }) {
    CAPTURE(name);
    CHECK_THROWS_AS(to_json(text), parse_error);
    CHECK_THROWS_AS(to_settings(text), parse_error);
  }
  CHECK(
    to_json(repeat("[", 0) + "a=" + std::string(99, '[') + std::string(99, ']'))
      .size()
    == 204);
  CHECK(to_json(repeat("k.a=1\n", 100'000)) == R"({"k":{"a":1}})");
}

TEST_CASE("the limits are the caller's") {
  text_limits small{20, 10, 2};
  CHECK_NOTHROW(to_json(R"({"a":{"b":1}})", small));
  CHECK_THROWS_AS(to_json(R"({"a":{"b":[1]}})", small), parse_error);
  CHECK(to_json("a += 1", small) == R"({"a":[1]})");
  CHECK(to_json("a { }", small) == R"({"a":{}})");
  CHECK_THROWS_AS(to_json("a.b { }", small), parse_error);
  CHECK_THROWS_WITH_AS(to_json("a.b += 1", small),
                       "1:8: nested deeper than 2 levels", parse_error);
  // A substitution brings its own depth to where it stands.
  text_limits three{100, 100, 3};
  CHECK(to_json("a.b.c = 1\nd = ${a}", three)
        == R"({"a":{"b":{"c":1}},"d":{"b":{"c":1}}})");
  CHECK_THROWS_WITH_AS(to_json("a.b.c = 1\nd.e = ${a}", three),
                       "2:1: with its substitutions resolved the text is "
                       "nested deeper than 3 levels",
                       parse_error);
  CHECK_THROWS_AS(to_settings("a.b.c = 1\nd.e = ${a}", three), parse_error);
  CHECK_THROWS_AS(to_json("a = 1234567", small), parse_error);
  CHECK_THROWS_WITH_AS(to_json(R"({"a":"0123456789012"})", small),
                       "a text may have 20 bytes, this one has 21",
                       parse_error);
}

TEST_CASE("settings keep their types") {
  auto all = to_settings("a = \"[::1]\"\nb = [\"x,y\", \" z \", 1]\nc = {}\n"
                         "d = 1.10\ne = \"1.10\"\nf = true\ng = 01\n"
                         "h = \"{\"\nj = 1e400\nk = [-1e400]\ni = [{\"$match\" "
                         ": 1}]\n\"x,y\".z = w");
  CHECK(all
        == settings_map{{"a", "[::1]"},
                        {"b", setting::json(R"(["x,y"," z ",1])")},
                        {"c", setting::json("{}")},
                        {"d", setting::json("1.10")},
                        {"e", "1.10"},
                        {"f", setting::json("true")},
                        {"g", "01"},
                        {"h", "{"},
                        {"i", setting::json(R"([{"$match":1}])")},
                        {"j", "1e400"},
                        {"k", setting::json(R"(["-1e400"])")},
                        {"x,y.z", "w"}});
}

TEST_CASE("settings are flat, and a path may be both a value and a prefix") {
  for (auto& [text, expected] : {
         row{"", ""},
         row{"spark.speculation=true\nspark.speculation.interval=100ms",
             "spark.speculation=true;spark.speculation.interval=100ms;"},
         row{"spark.speculation.interval=100ms\nspark.speculation=true",
             "spark.speculation=true;spark.speculation.interval=100ms;"},
         row{"spark.context-settings { num-cpu-cores = 2, memory-per-node = "
             "600m }",
             "spark.context-settings.memory-per-node=600m;"
             "spark.context-settings.num-cpu-cores=2;"},
         row{R"({"a":{"b":1.10,"c":true},"x.y":"s"})",
             "a.b=1.10;a.c=true;x.y=s;"},
         row{"\"spark.a\".b = 1", "spark.a.b=1;"},
         row{"a = [1, {b = x y}]\nc {}", R"(a=[1,{"b":"x y"}];c={};)"},
         row{"c {}\nc.d = 1", "c.d=1;"},
         row{"a = 1\na.b = 2\na = null", ""},
         row{"a = 1\na = 2", "a=2;"},
         row{"a = ${b}\nb { c = 1, d = x }\na.d = ${a.c}",
             "a.c=1;a.d=1;b.c=1;b.d=x;"},
         row{"a = ${?nope}\nb = ${?nope}x", "b=x;"},
       }) {
    CAPTURE(text);
    CHECK(settings_of(text) == expected);
  }
  CHECK_THROWS_AS(to_settings("a {"), parse_error);
}
