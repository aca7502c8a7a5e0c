#include "actors/contexts/backoff.hpp"

#include <algorithm>
#include <random>

namespace hearth {

double next_random_fraction() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(engine);
}

std::optional<std::chrono::milliseconds> context_restarts::next(millis now,
                                                                bool failure) {
  auto good_run
    = opened_at_ && now - *opened_at_ >= rules_.restart_good_run.count();
  opened_at_.reset();
  if (good_run)
    in_a_row_ = 0;
  if (!enabled() || (!failure && !always()))
    return std::nullopt;
  if (!failure)
    return std::chrono::milliseconds{0};
  failures_.push_back(now);
  while (now - failures_.front() > rules_.restart_window.count())
    failures_.pop_front();
  if (failures_.size() > static_cast<std::size_t>(rules_.restart_limit)) {
    gave_up_ = "it failed " + std::to_string(failures_.size()) + " times in "
               + std::to_string(rules_.restart_window.count())
               + " ms and is not started again (setting restart-limit = "
               + std::to_string(rules_.restart_limit) + ")";
    return std::nullopt;
  }
  auto pause = rules_.restart_backoff;
  for (int i = 0; i < in_a_row_ && pause < rules_.restart_max_backoff; ++i)
    pause *= 2;
  ++in_a_row_;
  pause = std::min(pause, rules_.restart_max_backoff);
  auto shorter = random_() * static_cast<double>(pause.count()) / 2;
  return pause - std::chrono::milliseconds{static_cast<std::int64_t>(shorter)};
}

} // namespace hearth
