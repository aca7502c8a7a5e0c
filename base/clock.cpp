#include "base/clock.hpp"

#include <chrono>

namespace hearth {

millis now_ms() noexcept {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

} // namespace hearth
