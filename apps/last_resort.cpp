#include "apps/last_resort.hpp"

#include <cstdlib>
#include <utility>

namespace hearth {

last_resort::last_resort(std::chrono::milliseconds limit, int exit_code,
                         std::function<void()> complain)
  : thread_([this, limit, exit_code, complain = std::move(complain)] {
      std::unique_lock guard{mutex_};
      if (changed_.wait_for(guard, limit, [this] { return over_; }))
        return;
      complain();
      std::_Exit(exit_code);
    }) {
  // nop
}

last_resort::~last_resort() {
  {
    std::lock_guard guard{mutex_};
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

} // namespace hearth
