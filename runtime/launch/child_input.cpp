#include "runtime/launch/child_input.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

namespace {

void shut(int& fd) noexcept {
  if (fd >= 0)
    ::close(std::exchange(fd, -1));
}

} // namespace

child_input::child_input() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw launch_error("no pipe for a child's input");
  read_ = ends[0];
  write_ = ends[1];
}

child_input::~child_input() {
  shut(read_);
  shut(write_);
}

child_input::child_input(child_input&& x) noexcept
  : read_(std::exchange(x.read_, -1)), write_(std::exchange(x.write_, -1)) {}

child_input& child_input::operator=(child_input&& x) noexcept {
  std::swap(read_, x.read_);
  std::swap(write_, x.write_);
  return *this;
}

void child_input::started() noexcept {
  shut(read_);
}

bool child_input::write(std::string_view text) noexcept {
  return ::write(write_, text.data(), text.size())
         == static_cast<ssize_t>(text.size());
}

} // namespace hearth::launch
