#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "store/files/log_file.hpp"

using namespace hearth;

namespace {

/// A log in a file of its own.
struct log_file {
  explicit log_file(const std::string& text) {
    add(text);
  }

  ~log_file() {
    std::filesystem::remove(path);
  }

  void add(const std::string& text) {
    std::ofstream{path, std::ios::app} << text;
  }

  std::string path
    = (std::filesystem::temp_directory_path() / "hearth-logs-test").string();
};

} // namespace

TEST_CASE("the last lines of a log, and what is added to it") {
  log_file log{"one\ntwo\nthree\n"};
  auto end = last_lines(log.path, "", 2);
  CHECK(end.text == "two\nthree\n");
  CHECK(last_lines(log.path, "", 0).text.empty());
  CHECK(last_lines(log.path, "", 9).text == "one\ntwo\nthree\n");
  CHECK(lines_from(log.path, "", end.next).text.empty());
  log.add("four\n");
  auto more = lines_from(log.path, "", end.next);
  CHECK(more.text == "four\n");
  CHECK(more.next == end.next + 5);
}

TEST_CASE("a log is shown by whole lines while it is written") {
  log_file log{"one\ntw"};
  auto first = lines_from(log.path, "", 0);
  CHECK(first.text == "one\n");
  log.add("o\n");
  CHECK(lines_from(log.path, "", first.next).text == "two\n");
}

TEST_CASE("a job's lines are those with its id") {
  log_file log{"a [j1] x\nb\nc [j2] y\nd [j1] z\n"};
  CHECK(last_lines(log.path, "j1", 9).text == "a [j1] x\nd [j1] z\n");
  CHECK(last_lines(log.path, "j1", 1).text == "d [j1] z\n");
  auto x = lines_from(log.path, "j2", 0);
  CHECK(x.text == "c [j2] y\n");
  CHECK(x.next == 29);
}

TEST_CASE("no log yet is an empty one, and one that shrank begins anew") {
  CHECK(last_lines("/nowhere/log", "", 5).text.empty());
  CHECK(lines_from("/nowhere/log", "", 0).next == 0);
  log_file log{"new\n"};
  CHECK(lines_from(log.path, "", 100).text == "new\n");
}

TEST_CASE("a log that grew too long gives its older half back") {
  std::string line(99, 'x');
  line += '\n';
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += line;
  log_file log{text};
  CHECK_FALSE(trim_log(log.path, 4 << 20));
  CHECK(trim_log(log.path, 1 << 20));
  CHECK_FALSE(trim_log(log.path, 1 << 20));
  log.add("last\n");
  // What stays is whole lines where they were, and what is gone is no zeros.
  auto rest = last_lines(log.path, "", 1'000'000);
  CHECK(rest.next == text.size() + 5);
  CHECK(rest.text.size() > 500'000);
  CHECK(rest.text.size() < 600'000);
  CHECK(rest.text.starts_with(line));
  CHECK(rest.text.ends_with("\nlast\n"));
  auto from = lines_from(log.path, "", 100);
  CHECK(from.text.starts_with(line));
  CHECK(from.next > text.size() / 2);
  CHECK_FALSE(trim_log("/nowhere/at-all", 1));
}
