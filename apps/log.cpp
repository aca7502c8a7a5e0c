#include "apps/log.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <memory>
#include <mutex>
#include <poll.h>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

namespace hearth {

namespace {

using clock = std::chrono::steady_clock;

/// How much longer than its patience `end_log` waits: for the log's thread to
/// see that it is over.
constexpr std::chrono::milliseconds slack{1000};

/// How many lines were written or given up. The handler of fatal signals sees
/// by it whether the log's thread gets on.
std::atomic<unsigned> lines_done{0};

/// Writes to a descriptor that may not be ready for a long time. Only the
/// log's thread logs and flushes, which needs no lock.
class patient_sink final
  : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
  /// @param pool whose thread writes here; not owned, since that thread cannot
  ///        end the pool
  patient_sink(int file, spdlog::details::thread_pool& pool)
    : file_(file), is_terminal_(::isatty(file) == 1), pool_(pool) {}

  /// From now on nothing is waited for beyond that time.
  void give_up_at(clock::time_point time) {
    give_up_at_ = time.time_since_epoch().count();
  }

  /// How often it was flushed. Any thread.
  unsigned flushes() {
    std::lock_guard guard{mutex_};
    return flushes_;
  }

  /// Returns when it was flushed more often than that. Any thread.
  void wait_for_flush(unsigned before, std::chrono::milliseconds patience) {
    std::unique_lock guard{mutex_};
    flushed_.wait_for(guard, patience, [&] { return flushes_ > before; });
  }

protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    say_what_was_dropped();
    spdlog::memory_buf_t text;
    formatter_->format(line, text);
    std::string_view all{text.data(), text.size()};
    if (is_terminal_ && line.color_range_end > line.color_range_start) {
      write(all.substr(0, line.color_range_start));
      write(color_of(line.level));
      write(all.substr(line.color_range_start,
                       line.color_range_end - line.color_range_start));
      write("\033[m");
      all.remove_prefix(line.color_range_end);
    }
    write(all);
    ++lines_done;
  }

  void flush_() override {
    std::lock_guard guard{mutex_};
    ++flushes_;
    flushed_.notify_all();
  }

private:
  static std::string_view color_of(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err)
      return "\033[31m\033[1m";
    return level == spdlog::level::warn ? "\033[33m\033[1m" : "\033[32m";
  }

  /// The queue drops the oldest lines, which are those just before this one.
  void say_what_was_dropped() {
    auto dropped = pool_.overrun_counter();
    auto more = dropped - std::exchange(dropped_, dropped);
    if (more == 0)
      return;
    auto text = std::to_string(more)
                + " lines of the log are missing here: they came faster than "
                  "they could be written";
    spdlog::memory_buf_t line;
    formatter_->format({"hearthd", spdlog::level::warn, text}, line);
    write({line.data(), line.size()});
  }

  void write(std::string_view bytes) {
    // How many bytes can be written without waiting once `poll` says that the
    // file is writable.
    const std::size_t most = is_terminal_ ? 128 : PIPE_BUF;
    while (!bytes.empty() && wait_until_writable()) {
      auto n = ::write(file_, bytes.data(), std::min(bytes.size(), most));
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        return; // nobody will ever read it
      bytes.remove_prefix(n < 0 ? 0 : static_cast<std::size_t>(n));
    }
  }

  /// @returns false if it took too long
  bool wait_until_writable() const {
    constexpr int slice = 100; // milliseconds, to see `give_up_at`
    for (;;) {
      pollfd x{file_, POLLOUT, 0};
      if (::poll(&x, 1, slice) > 0)
        return true; // errors, too: `write` says which
      if (clock::now().time_since_epoch().count() >= give_up_at_)
        return false;
    }
  }

  const int file_;
  const bool is_terminal_;
  spdlog::details::thread_pool& pool_;
  std::size_t dropped_ = 0; ///< of which a line has told
  std::mutex mutex_;        ///< guards flushes_
  std::condition_variable flushed_;
  unsigned flushes_ = 0;
  std::atomic<clock::rep> give_up_at_{
    clock::time_point::max().time_since_epoch().count()};
};

struct parts {
  std::shared_ptr<patient_sink> sink;
  std::shared_ptr<spdlog::async_logger> logger;
};

parts current;

/// Lets the log's thread write the queued lines, and then dies by the same
/// signal. Only waits and reads an atomic, which a signal handler may do.
extern "C" void write_log_and_die(int signal) {
  constexpr timespec pause{0, 20'000'000};
  constexpr int most_pauses = 25;
  auto seen = lines_done.load();
  for (int i = 0; i < most_pauses; ++i) {
    ::nanosleep(&pause, nullptr);
    auto now = lines_done.load();
    if (now == seen)
      break;
    seen = now;
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

/// Does not replace handlers that others, such as a sanitizer, have set.
void catch_fatal_signals() {
  for (auto signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
      std::signal(signal, write_log_and_die);
  }
}

} // namespace

void start_log(const std::string& level, int file, std::size_t most_lines) {
  spdlog::init_thread_pool(most_lines, 1);
  auto pool = spdlog::thread_pool();
  auto sink = std::make_shared<patient_sink>(file, *pool);
  auto logger = std::make_shared<spdlog::async_logger>(
    "hearthd", sink, pool, spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(logger);
  current = {std::move(sink), std::move(logger)};
  catch_fatal_signals();
}

void end_log(std::chrono::milliseconds patience) {
  auto pool = spdlog::thread_pool();
  if (!current.sink || !pool)
    return;
  auto flushes = current.sink->flushes();
  current.sink->give_up_at(clock::now() + patience);
  // Waits for room in the queue. There is room as soon as the sink gives up.
  pool->post_flush(std::shared_ptr{current.logger},
                   spdlog::async_overflow_policy::block);
  current.sink->wait_for_flush(flushes, patience + slack);
}

} // namespace hearth
