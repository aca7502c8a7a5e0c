#include "http/core/admission.hpp"

#include <iterator>

namespace hearth::http {

admission::place admission::enter(clock::time_point now) {
  working_.push_back({now, false});
  return std::prev(working_.end());
}

admission::place admission::enter_waiting(clock::time_point now) {
  waiting_.push_back({now, true});
  return std::prev(waiting_.end());
}

void admission::leave(place left) {
  (left->waits ? waiting_ : working_).erase(left);
}

bool admission::is_busy(clock::time_point now) {
  age(now);
  return working_.size() >= most_.working;
}

void admission::age(clock::time_point now) {
  while (!working_.empty() && now - working_.front().since >= most_.patience) {
    working_.front().waits = true;
    waiting_.splice(waiting_.end(), working_, working_.begin());
  }
}

} // namespace hearth::http
