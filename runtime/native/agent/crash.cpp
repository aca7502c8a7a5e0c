#include "runtime/native/agent/crash.hpp"

#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <execinfo.h>
#include <unistd.h>

namespace hearth::native {

namespace {

constexpr std::size_t stack_size = 64 * 1024;
constexpr std::array fatal{SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

thread_local std::string_view current_job;
int copy_fd = -1;

/// Uses only functions that a signal handler may call.
void say_to(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    auto n = ::write(fd, text.data(), text.size());
    if (n <= 0)
      return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void say(std::string_view text) noexcept {
  say_to(STDERR_FILENO, text);
  if (copy_fd >= 0)
    say_to(copy_fd, text);
}

void say_number(std::uint64_t x, int base) noexcept {
  std::array<char, 24> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), x, base).ptr;
  say({text.data(), static_cast<std::size_t>(end - text.data())});
}

void on_crash(int number, siginfo_t* info, void*) {
  say("hearth-agent-native: signal ");
  say_number(static_cast<std::uint64_t>(number), 10);
  say(" (SIG");
  say(::sigabbrev_np(number));
  say(")");
  if (number != SIGABRT) {
    say(" at address 0x");
    say_number(reinterpret_cast<std::uintptr_t>(info->si_addr), 16);
  }
  if (!current_job.empty()) {
    say(" in job ");
    say(current_job);
  }
  say("\n");
  std::array<void*, 40> frames{};
  auto n = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  ::backtrace_symbols_fd(frames.data(), n, STDERR_FILENO);
  if (copy_fd >= 0)
    ::backtrace_symbols_fd(frames.data(), n, copy_fd);
  // SA_RESETHAND has put the default back; it is delivered on return.
  ::raise(number);
}

} // namespace

void copy_crashes_to(int fd) {
  copy_fd = fd;
}

void report_crashes() {
  // The first call loads a library, which a signal handler must not do.
  std::array<void*, 1> frame{};
  ::backtrace(frame.data(), 1);
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  ::sigemptyset(&action.sa_mask);
  for (auto x : fatal)
    ::sigaction(x, &action, nullptr);
}

signal_stack::signal_stack() : memory_(new char[stack_size]) {
  stack_t x{};
  x.ss_sp = memory_.get();
  x.ss_size = stack_size;
  ::sigaltstack(&x, nullptr);
}

signal_stack::~signal_stack() {
  stack_t x{};
  x.ss_flags = SS_DISABLE;
  ::sigaltstack(&x, nullptr);
}

crash_label::crash_label(std::string_view job) noexcept {
  current_job = job;
}

crash_label::~crash_label() {
  current_job = {};
}

} // namespace hearth::native
