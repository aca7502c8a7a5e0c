#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>
#include <spdlog/async.h>
#include <spdlog/spdlog.h>

#include "apps/log.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

/// A log that goes into a pipe. Others get their logger back.
class piped_log {
public:
  explicit piped_log(std::size_t most_lines) {
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
    REQUIRE(::fcntl(ends_[1], F_SETPIPE_SZ, 4096) > 0);
    most_lines_ = most_lines;
  }

  ~piped_log() {
    end_log(0ms);
    spdlog::set_default_logger(before_);
    close_writer();
    ::close(ends_[0]);
  }

  void start() {
    start_log("info", ends_[1], most_lines_);
  }

  /// Nothing can be written from now on until something is read.
  void fill() {
    std::string block(4096, 'x');
    ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
    while (::write(ends_[1], block.data(), block.size()) > 0)
      continue;
    CHECK(errno == EAGAIN);
    ::fcntl(ends_[1], F_SETFL, 0);
  }

  /// All lines until there are no more; without their time.
  std::vector<std::string> read() {
    std::string all;
    std::array<char, 4096> block{};
    for (ssize_t n = 0; (n = ::read(ends_[0], block.data(), block.size())) > 0;)
      all.append(block.data(), static_cast<std::size_t>(n));
    std::vector<std::string> result;
    for (std::size_t at = all.find_first_not_of('x'); at < all.size();) {
      auto end = all.find('\n', at);
      result.push_back(all.substr(at, end - at).substr(24));
      at = end + 1;
    }
    return result;
  }

  void close_writer() {
    if (ends_[1] >= 0)
      ::close(std::exchange(ends_[1], -1));
  }

private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::array<int, 2> ends_{};
  std::size_t most_lines_ = 0;
};

} // namespace

TEST_CASE("lines come in the order in which they were logged, all of them, "
          "before the log has ended") {
  piped_log log{1000};
  log.start();
  std::vector<std::string> lines;
  std::thread reader{[&] { lines = log.read(); }};
  for (int i = 0; i < 500; ++i)
    spdlog::info("line {}", i);
  end_log(60s);
  log.close_writer();
  reader.join();
  REQUIRE(lines.size() == 500);
  for (int i = 0; i < 500; ++i)
    REQUIRE(lines[static_cast<std::size_t>(i)]
            == "info line " + std::to_string(i));
}

TEST_CASE("nobody waits for a log that nobody reads; what it cannot hold is "
          "counted, and a line says so") {
  piped_log log{8};
  log.fill();
  log.start();
  for (int i = 0; i < 100; ++i)
    spdlog::info("line {}", i);
  auto dropped = spdlog::thread_pool()->overrun_counter();
  CHECK(dropped >= 91); // eight wait, and one may be under way
  std::vector<std::string> lines;
  std::thread reader{[&] { lines = log.read(); }};
  end_log(60s);
  log.close_writer();
  reader.join();
  // One note, or two if the log's thread came late to the first line.
  auto notes = std::size_t{0};
  auto told = std::size_t{0};
  for (auto& line : lines)
    if (line.find(" lines of the log are missing here: they came faster than "
                  "they could be written")
        != std::string::npos) {
      ++notes;
      told += std::stoul(line.substr(line.find(' ')));
    }
  CHECK(told == dropped);
  CHECK(notes >= 1);
  CHECK(notes <= 2);
  CHECK(lines.size() == 100 - dropped + notes);
  CHECK(lines.back() == "info line 99");
}

TEST_CASE("a log that nobody reads does not hold up the end, and what is "
          "logged later is no error") {
  piped_log log{8};
  log.fill();
  log.start();
  for (int i = 0; i < 100; ++i)
    spdlog::info("line {}", i);
  end_log(1ms);
  spdlog::info("too late");
  end_log(1ms);
}

TEST_CASE("a log whose reader is gone does no harm") {
  piped_log log{8};
  log.start();
  log.close_writer();
  spdlog::info("to nobody");
  end_log(60s);
}
