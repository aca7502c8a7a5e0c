#include "http/core/byte_budget.hpp"

#include <utility>

namespace hearth::http {

byte_budget::share::share(byte_budget& of, std::function<void()> give_up)
  : of_(of), give_up_(std::move(give_up)), place_{this} {
  at_ = place_.begin();
}

byte_budget::share::~share() {
  release();
}

bool byte_budget::share::add(std::size_t n, clock::time_point now) {
  if (!of_.make_room(n, this, now))
    return false;
  of_.used_ += n;
  bytes_ += n;
  touch(now);
  return true;
}

void byte_budget::share::touch(clock::time_point now) {
  last_ = now;
  if (bytes_ == 0)
    return;
  auto& from = place_.empty() ? of_.shares_ : place_;
  of_.shares_.splice(of_.shares_.end(), from, at_);
}

void byte_budget::share::release() {
  if (bytes_ == 0)
    return;
  of_.used_ -= std::exchange(bytes_, 0);
  place_.splice(place_.end(), of_.shares_, at_);
}

bool byte_budget::make_room(std::size_t n, const share* except,
                            clock::time_point now) {
  if (n > most_.bytes)
    return false;
  while (used_ > most_.bytes - n) {
    auto found = shares_.begin();
    if (found != shares_.end() && *found == except)
      ++found;
    if (found == shares_.end() || now - (*found)->last_ < most_.stalled)
      return false;
    auto* oldest = *found;
    oldest->release();
    // This copy keeps the function alive, because the call may destroy the
    // share.
    auto give_up = oldest->give_up_;
    give_up();
  }
  return true;
}

} // namespace hearth::http
