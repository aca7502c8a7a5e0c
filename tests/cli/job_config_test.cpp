#include <doctest/doctest.h>

#include "cli/failure.hpp"
#include "cli/job_config.hpp"

using namespace hearth::cli;

TEST_CASE("settings stand behind the text of a file, where they win") {
  CHECK(with_settings("", {}) == "");
  CHECK(with_settings("a = 1", {}) == "a = 1");
  CHECK(with_settings("a = 1", {"a=2"}) == "a = 1\n\"a\" = 2\n");
  CHECK(with_settings("", {"a.b=x y", "c=true"})
        == "\n\"a\".\"b\" = \"x y\"\n\"c\" = true\n");
}

TEST_CASE("JSON stays what it is, all else becomes a string") {
  auto line = [](const char* setting) { return with_settings("", {setting}); };
  CHECK(line("k=12") == "\n\"k\" = 12\n");
  CHECK(line("k=12 apples") == "\n\"k\" = \"12 apples\"\n");
  CHECK(line("k=\"12\"") == "\n\"k\" = \"12\"\n");
  CHECK(line("k=[1,2]") == "\n\"k\" = [1,2]\n");
  CHECK(line("k=a=b") == "\n\"k\" = \"a=b\"\n");
  CHECK(line("k=") == "\n\"k\" = \"\"\n");
  CHECK(line("k=${PATH}") == "\n\"k\" = \"${PATH}\"\n");
  CHECK(line("k=a\"b") == "\n\"k\" = \"a\\\"b\"\n");
  CHECK(line("\"a.b\".c=1") == "\n\"a.b\".c = 1\n");
}

TEST_CASE("settings go inside of the braces around a whole text") {
  CHECK(with_settings("{}", {"a=1"}) == "{\n\"a\" = 1\n}");
  CHECK(with_settings("# }\n{ b = \"}\" // }\n } # }", {"a=1"})
        == "# }\n{ b = \"}\" // }\n \n\"a\" = 1\n} # }");
  CHECK(with_settings("{ b = \"\"\"}\"\"\", c { } }", {"a=1"})
        == "{ b = \"\"\"}\"\"\", c { } \n\"a\" = 1\n}");
  // The first of these four quotes belongs to the text.
  CHECK(with_settings("{ b = \"\"\"}\"\"\"\" }", {"a=1"})
        == "{ b = \"\"\"}\"\"\"\" \n\"a\" = 1\n}");
  CHECK(with_settings("{ b = \"\\\"}\" }", {"a=1"})
        == "{ b = \"\\\"}\" \n\"a\" = 1\n}");
  // Spaces of Unicode, and the mark that some editors begin a file with.
  CHECK(with_settings("\xEF\xBB\xBF \xE1\x9A\x80{ }", {"a=1"})
        == "\xEF\xBB\xBF \xE1\x9A\x80{ \n\"a\" = 1\n}");
  // These braces are not around the whole.
  CHECK(with_settings("\xC3\xA4 { }", {"a=1"}) == "\xC3\xA4 { }\n\"a\" = 1\n");
  CHECK(with_settings("b { }", {"a=1"}) == "b { }\n\"a\" = 1\n");
  CHECK(with_settings("\"b\" { }", {"a=1"}) == "\"b\" { }\n\"a\" = 1\n");
  // The server says what is wrong with this one.
  CHECK(with_settings("{ b = \"", {"a=1"}) == "{ b = \"\n\"a\" = 1\n");
}

TEST_CASE("settings without a key or value are refused") {
  CHECK_THROWS_AS(with_settings("", {"a"}), usage_error);
  CHECK_THROWS_AS(with_settings("", {"=a"}), usage_error);
}

TEST_CASE("a configuration that cannot be read is an error of the file") {
  CHECK_THROWS_AS(read_config("/no/such/file"), file_error);
  CHECK_THROWS_AS(read_config("/"), file_error);
  CHECK(read_config("").empty());
}
