// Each way for a job to take its process down.

#include <csignal>
#include <cstdlib>
#include <hearth/job.hpp>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using hearth::config;
using hearth::context;

struct segfault {
  void run(context&, const config&) {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  }
};

struct aborts {
  void run(context&, const config&) {
    std::abort();
  }
};

/// In a thread of its own, where nobody catches it.
struct uncaught {
  void run(context&, const config&) {
    std::thread{[] { throw std::runtime_error("nobody catches this"); }}.join();
  }
};

struct overflow {
  int run(context&, const config&) {
    return deeper(1);
  }

  // NOLINTNEXTLINE(misc-no-recursion): that is the point
  __attribute__((noinline)) static int deeper(int x) {
    volatile char room[4096];
    room[0] = static_cast<char>(x);
    return x < 0 ? 0 : deeper(x + 1) + room[0];
  }
};

struct divides {
  int run(context&, const config&) {
    volatile int zero = 0;
    volatile int many = 1000;
    return many / zero;
  }
};

struct exits {
  void run(context&, const config&) {
    std::_Exit(3);
  }
};

} // namespace

HEARTH_JOB(segfault)
HEARTH_JOB(aborts)
HEARTH_JOB(uncaught)
HEARTH_JOB(overflow)
HEARTH_JOB(divides)
HEARTH_JOB(exits)
