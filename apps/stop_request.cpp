#include "apps/stop_request.hpp"

#include <atomic>
#include <csignal>
#include <mutex>
#include <semaphore.h>
#include <utility>

#include <spdlog/spdlog.h>

namespace hearth {

namespace {

/// The state that a signal handler may use: a semaphore and an atomic.
struct wake_up {
  wake_up() {
    ::sem_init(&requests, 0, 0);
  }
  sem_t requests{};
  std::atomic<int> signal{0};
  std::mutex mutex;
  std::string reason;
};

wake_up state;

extern "C" void stop_signal(int number) {
  state.signal = number;
  ::sem_post(&state.requests);
}

} // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = stop_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

void request_stop(std::string reason) {
  {
    std::lock_guard guard{state.mutex};
    if (state.reason.empty())
      state.reason = std::move(reason);
  }
  ::sem_post(&state.requests);
}

std::string await_stop_request() {
  while (::sem_wait(&state.requests) != 0) {
    // interrupted by a signal, whose handler has posted
  }
  std::lock_guard guard{state.mutex};
  if (state.reason.empty())
    spdlog::info("signal {}: stopping", state.signal.load());
  return state.reason;
}

} // namespace hearth
