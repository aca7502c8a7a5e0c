#include <sstream>

#include <doctest/doctest.h>

#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

using namespace hearth::cli;
using namespace std::chrono_literals;

TEST_CASE("a table's columns are as wide as their widest cell") {
  table x{{"NAME", "STATE", "ID"}};
  x.add({"a", "RUNNING", "1"});
  x.add({"a-long-name", "", "22"});
  x.add({"b", "ERROR", ""});
  std::ostringstream out;
  x.print(out);
  CHECK(out.str()
        == "NAME         STATE    ID\n"
           "a            RUNNING  1\n"
           "a-long-name           22\n"
           "b            ERROR\n");
}

TEST_CASE("a table counts characters, not bytes") {
  table x{{"N", "S"}};
  x.add({"größe", "1"});
  x.add({"abcde", "2"});
  std::ostringstream out;
  x.print(out);
  CHECK(out.str() == "N      S\ngröße  1\nabcde  2\n");
}

TEST_CASE("a cell cannot steer the terminal or break its line") {
  table x{{"N"}};
  x.add({"a\033[2Jb\nc\xC2\x9B"
         "d"});
  std::ostringstream out;
  x.print(out);
  CHECK(out.str() == "N\na?[2Jb c?d\n");
}

TEST_CASE("fields without a value are left out") {
  std::ostringstream out;
  print_fields(out, {{"Name", "x"}, {"Url", ""}, {"State", "RUNNING"}});
  CHECK(out.str() == "Name   x\nState  RUNNING\n");
}

TEST_CASE("control characters are replaced, lines and tabs kept") {
  CHECK(printable("a\r\n\tb\x07\x7F", true) == "a\n\tb??");
  CHECK(printable("a\nb", false) == "a b");
  CHECK(printable("grün", true) == "grün");
  CHECK(printable("a\x9B", true) == "a?");
}

TEST_CASE("texts are cut at columns") {
  CHECK(cut("abc", 3) == "abc");
  CHECK(cut("abcd", 3) == "ab…");
  CHECK(cut("äöü", 2) == "ä…");
  CHECK(cut("abc", 0).empty());
}

TEST_CASE("texts are wrapped at blanks") {
  CHECK(wrap("aa bb cc", 5, 0) == "aa bb\ncc");
  CHECK(wrap("aa bb", 4, 2) == "aa\n  bb");
  CHECK(wrap("longer-than-that", 4, 0) == "longer-than-that");
  CHECK(wrap("", 4, 0).empty());
}

TEST_CASE("times and sizes are as people write them") {
  CHECK(elapsed(7s) == "0:07");
  CHECK(elapsed(3599s) == "59:59");
  CHECK(elapsed(3723s) == "1:02:03");
  CHECK(bytes(0) == "0 B");
  CHECK(bytes(999) == "999 B");
  CHECK(bytes(1500) == "1.5 kB");
  CHECK(bytes(999'999) == "1.0 MB");
  CHECK(bytes(2'000'000'000) == "2.0 GB");
}

TEST_CASE("a bar is full when all is done, whatever the server counts") {
  CHECK(bar(0, 4, 4) == "[....]");
  CHECK(bar(1, 4, 4) == "[#...]");
  CHECK(bar(4, 4, 4) == "[####]");
  CHECK(bar(9, 4, 4) == "[####]");
  CHECK(bar(1, 0, 4) == "[....]");
}

TEST_CASE("no progress is drawn without a terminal") {
  std::ostringstream err;
  {
    progress line{err, 0};
    line.show("working");
    line.show("working", 1, 2, "");
  }
  CHECK(err.str().empty());
}

TEST_CASE("no progress is drawn for what is done in a moment") {
  std::ostringstream err;
  {
    progress line{err, 80};
    line.show("working");
  }
  CHECK(err.str().empty());
}
