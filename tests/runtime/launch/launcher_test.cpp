#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/launch/launcher.hpp"
#include "runtime/launch/proc_stat.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth::launch;

TEST_CASE("a tail is whole lines, at most as long as asked") {
  temp_dir dir;
  struct row {
    const char* text;
    std::size_t max;
    const char* expected;
  };
  for (const auto& x : {
         row{"", 10, ""},
         row{"one\ntwo\n", 8, "one\ntwo\n"},
         row{"one\ntwo\n", 7, "two\n"},
         row{"one\ntwo\n", 5, "two\n"},
         row{"one\ntwo\n", 4, "two\n"},
         row{"one\ntwo", 5, "two"},
         row{"one long line\n", 6, " line\n"},
         row{"one long line", 6, "g line"},
         row{"ääää", 5, "ää"},
         row{"one\ntwo\n", 0, ""},
       }) {
    CAPTURE(x.text);
    CAPTURE(x.max);
    dir.write("log", x.text);
    CHECK(tail(dir / "log", x.max) == x.expected);
  }
}

TEST_CASE("a tail is UTF-8 whatever the log holds") {
  temp_dir dir;
  dir.write("log", "ok ä 𝄞\n\xff|\xc0\xaf|\xed\xa0\x80|\xf5|\xe2\x82");
  CHECK(tail(dir / "log", 100) == "ok ä 𝄞\n?|??|???|?|??");
}

TEST_CASE("where there is no log there is no tail") {
  temp_dir dir;
  CHECK(tail(dir / "none", 100).empty());
  CHECK(tail(dir.path, 100).empty());
}

TEST_CASE("a process is recognised whatever its name") {
  // 22 fields and one more; the 5th is the group, the 22nd the start.
  const std::string rest = " S 1 40 40 0 -1 4 0 0 0 0 1 2 0 0 20 0 1 0 987 55";
  for (const std::string name : {"sh", "a b", ") S 1 2 3 (", "(x)", ""}) {
    CAPTURE(name);
    auto x = parse_proc_stat("42 (" + name + ")" + rest);
    REQUIRE(x);
    CHECK(x->pid == 42);
    CHECK(x->state == 'S');
    CHECK(x->group == 40);
    CHECK(x->start_time == 987);
  }
  for (const auto& text : std::vector<std::string>{
         "", "42", "42 (sh)", "42 (sh) S 1 40", "x (sh)" + rest, ") (" + rest})
    CHECK_FALSE(parse_proc_stat(text));
}

TEST_CASE("this process lives") {
  auto self = read_proc_stat(::getpid());
  REQUIRE(self);
  CHECK(alive({self->pid, self->start_time}));
  CHECK_FALSE(alive({self->pid, self->start_time - 1}));
  CHECK_FALSE(alive({}));
  CHECK(self->start_time <= ticks_since_boot());
}
