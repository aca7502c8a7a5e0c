#include "actors/loop/stopwatch.hpp"

#include <spdlog/spdlog.h>

namespace hearth {

void stopwatch::handler_ended(clock::time_point begin) {
  auto time = started_ - begin;
  auto name = take_work_name();
  // All of ours have a name. RESTinio has some of its own: it writes answers
  // to sockets, and looks at its connections now and then.
  if (name.empty())
    name = "the HTTP library";
  auto& handlers = the_loop_watch().handlers;
  if (handlers.matters(time))
    report(handlers, time, name);
}

void stopwatch::report(loop_watch::kind& kind, std::chrono::nanoseconds time,
                       std::string_view name) {
  auto warning = kind.add(time, name, started_);
  if (!warning.empty())
    spdlog::warn("{}", warning);
}

} // namespace hearth
