#include "base/loop_watch.hpp"

#include <cstdio>
#include <utility>

namespace hearth {

namespace {

using clock = loop_watch::clock;

struct thread_state {
  std::string_view name;
  bool is_loop = false;
  bool slept = false; ///< and nothing was named since
  clock::time_point named_at = {};
};

thread_local thread_state here;

std::string in_milliseconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms",
                static_cast<double>(time.count()) / 1e6);
  return text;
}

} // namespace

std::string loop_watch::kind::add(std::chrono::nanoseconds time,
                                  std::string_view name,
                                  clock::time_point now) {
  if (name.empty())
    name = "unnamed";
  std::lock_guard guard{mutex_};
  if (time > numbers_.longest) {
    numbers_.longest = time;
    numbers_.name = name;
    longest_ = time.count();
  }
  if (time <= limit)
    return {};
  ++numbers_.over_limit;
  if (now < next_warning_) {
    ++unsaid_;
    return {};
  }
  next_warning_ = now + pause_between_warnings;
  auto text = std::string{what_} + " (" + std::string{name} + ") took "
              + in_milliseconds(time)
              + ", and all connections and actors waited for it";
  if (auto more = std::exchange(unsaid_, 0))
    text += "; " + std::to_string(more)
            + " others took more than 1 ms since the last such warning";
  return text;
}

loop_watch::numbers loop_watch::kind::get() const {
  std::lock_guard guard{mutex_};
  return numbers_;
}

std::map<std::string, loop_watch::large_work, std::less<>>
loop_watch::large() const {
  std::lock_guard guard{mutex_};
  return large_;
}

loop_watch& the_loop_watch() {
  static loop_watch instance;
  return instance;
}

loop_thread::loop_thread() noexcept {
  here.is_loop = true;
}

loop_thread::~loop_thread() {
  here.is_loop = false;
}

bool loop_thread::is_this() noexcept {
  return here.is_loop;
}

void name_work(std::string_view name) noexcept {
  here.name = name;
  if (std::exchange(here.slept, false))
    here.named_at = clock::now();
}

std::string_view take_work_name() noexcept {
  return std::exchange(here.name, {});
}

void expect_sleep() noexcept {
  here.slept = true;
}

clock::time_point begin_after_sleep(clock::time_point now) noexcept {
  return std::exchange(here.slept, false) ? now : here.named_at;
}

void note_large_work(std::string_view what) {
  auto& watch = the_loop_watch();
  std::lock_guard guard{watch.mutex_};
  auto i = watch.large_.find(what);
  if (i == watch.large_.end())
    i = watch.large_.emplace(what, loop_watch::large_work{}).first;
  ++(here.is_loop ? i->second.on_loop : i->second.elsewhere);
}

} // namespace hearth
