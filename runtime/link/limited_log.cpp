#include "runtime/link/limited_log.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "base/loop_watch.hpp"

namespace hearth::link {

bool line_budget::admits(clock::time_point now) noexcept {
  if (written_ == 0 || now - begin_ >= period_) {
    begin_ = now;
    written_ = 0;
  }
  if (written_ < lines_) {
    ++written_;
    return true;
  }
  ++left_out_;
  return false;
}

std::optional<line_budget::clock::time_point>
line_budget::due() const noexcept {
  if (left_out_ == 0)
    return std::nullopt;
  return begin_ + period_;
}

std::size_t line_budget::take_left_out() noexcept {
  return std::exchange(left_out_, 0);
}

void limited_log::warn(const std::string& text) {
  if (state_->budget.admits(line_budget::clock::now()))
    spdlog::warn("agent port: {}", text);
  auto due = state_->budget.due();
  if (!due || closed_ || std::exchange(state_->timed, true))
    return;
  timer_.expires_at(*due);
  timer_.async_wait([state = state_](asio::error_code) {
    name_work("a summary of log lines");
    state->timed = false;
    report(*state);
  });
}

void limited_log::close() {
  closed_ = true;
  timer_.cancel();
  report(*state_);
}

void limited_log::report(state& x) {
  if (auto n = x.budget.take_left_out())
    spdlog::warn("agent port: {} more lines about strangers were left out", n);
}

} // namespace hearth::link
