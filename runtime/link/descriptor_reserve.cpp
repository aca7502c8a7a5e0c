#include "runtime/link/descriptor_reserve.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace hearth::link {

namespace {

std::size_t descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 0;
  return static_cast<std::size_t>(limit.rlim_cur);
}

} // namespace

descriptor_reserve::descriptor_reserve(std::size_t size) : wanted_(size) {
  held_.reserve(size); // `refill` must not throw
  refill();
}

descriptor_reserve::~descriptor_reserve() {
  while (release_one())
    ;
}

bool descriptor_reserve::release_one() noexcept {
  if (held_.empty())
    return false;
  ::close(held_.back());
  held_.pop_back();
  return true;
}

void descriptor_reserve::refill() noexcept {
  while (held_.size() < wanted_) {
    auto fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
      return;
    held_.push_back(fd);
  }
}

std::size_t reserve_by_limit() noexcept {
  return std::clamp<std::size_t>(descriptor_limit() / 16, 4, 32);
}

std::size_t newcomers_by_limit(std::size_t wanted) noexcept {
  return std::clamp<std::size_t>(descriptor_limit() / 8, 1,
                                 std::max<std::size_t>(wanted, 1));
}

} // namespace hearth::link
