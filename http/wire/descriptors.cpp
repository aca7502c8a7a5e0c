#include "http/wire/descriptors.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace hearth::http {

namespace {

/// The lowest free descriptor, -1 if there is none.
int lowest_free() noexcept {
  auto fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    ::close(fd);
  return fd;
}

std::size_t descriptor_limit() noexcept {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

} // namespace

std::size_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0
      && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  return descriptor_limit();
}

std::size_t accepts_at_once() noexcept {
  return std::clamp<std::size_t>(descriptor_limit() / 32, 2, 32);
}

descriptor_gate::descriptor_gate(std::size_t max_connections) noexcept {
  auto limit = descriptor_limit();
  // The reserve is for files, databases, agents and new processes, and for
  // connections that are accepted before this gate is asked.
  auto reserve = accepts_at_once() + std::clamp<std::size_t>(limit / 8, 8, 256);
  auto by_limit = limit > reserve ? limit - reserve : 0;
  auto used = static_cast<std::size_t>(std::max(lowest_free(), 0));
  auto by_count = used + max_connections;
  end_
    = static_cast<int>(std::min<std::size_t>({by_limit, by_count, 1U << 30}));
}

bool descriptor_gate::admits() const noexcept {
  auto fd = lowest_free();
  return fd >= 0 && fd < end_;
}

} // namespace hearth::http
