// The lives of a job and of a context under any sequence of events: a final
// state is final, states are never taken back, and an end comes once.
// Each character of the input is an event.

#include "actors/contexts/machine.hpp"
#include "actors/jobs/machine.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

problem why(const char* what) {
  return {what, {}, {}, {}};
}

bool apply(job_machine& x, char event) {
  using protocol::outcome;
  switch (event) {
    case 's':
      return x.sent();
    case 'r':
      return x.refused(why("refused"));
    case 'b':
      return x.started();
    case 'k':
      return x.kill();
    case 'K':
      return x.kill(why("too large"));
    case 'f':
      return x.ended({"j", outcome::finished, {}});
    case 'e':
      return x.ended({"j", outcome::error, {"failed", "", ""}});
    case 'x':
      return x.ended({"j", outcome::killed, {}});
    case 'a':
      return x.aborted(why("context stops"), false);
    case 'g':
      return x.aborted(why("context gone"), true);
    default:
      return false;
  }
}

int rank(job_state x) {
  return is_final(x) ? 2 : x == job_state::running ? 1 : 0;
}

void check_job(std::string_view events) {
  job_machine x{"j"};
  auto killed = false;
  for (auto event : events) {
    auto before = x.now();
    auto state = x.state();
    auto over = x.over();
    auto changed = apply(x, event);
    killed = killed || ((event == 'k' || event == 'K') && changed);
    require(changed == (x.now() != before), "it says whether it changed");
    require(!over || !changed, "a job ends once");
    require(rank(x.state()) >= rank(state), "a job's state never goes back");
    require(x.over() == is_final(x.state()), "over is final");
    if (x.state() == job_state::error || x.state() == job_state::killed)
      require(!x.reason().message.empty(), "a bad end has a reason");
    require(!killed || x.state() != job_state::finished,
            "a job that was killed does not finish");
  }
}

using action = context_machine::action;

action apply(context_machine& x, char event, millis now) {
  switch (event) {
    case 'n':
      return x.not_started(why("no such file"), now);
    case 'r':
      return x.ready(now);
    case 'p':
      return x.prepared(now);
    case 'f':
      return x.failed(why("silent"));
    case 'F':
      return x.failed(why("hung"), action::kill);
    case 's':
      return x.stop(false);
    case 'S':
      return x.stop(true);
    case 'i':
      return x.stop(false, why("idle"));
    case 'R':
      return x.restart(why("asked for"));
    case 'h':
      return x.hurry();
    case 'e':
      return x.exited({{1, 1}, true, 0, 0}, now);
    case 'c':
      return x.exited({{1, 1}, true, 1, 0}, now);
    case 'l':
      return x.relaunch();
    case 't':
      return x.tick();
    default:
      return action::none;
  }
}

/// @param mode of restarts, whether it has an init job, then events
void check_context(std::string_view events) {
  conf::context_limits rules;
  auto mode = take(events, ' ');
  if (mode.starts_with('a'))
    rules.restart = conf::restart_mode::always;
  else if (mode.starts_with('f'))
    rules.restart = conf::restart_mode::on_failure;
  context_machine x{rules, mode.ends_with('i')};
  if (mode.find('o') != std::string_view::npos)
    x.recovering();
  else if (mode.find('w') != std::string_view::npos)
    x.resume(why("left between two processes"));
  auto ends = 0;
  millis now = 1'000'000;
  for (auto event : events) {
    now += 1000;
    auto over = x.over();
    auto before = x.state();
    auto todo = apply(x, event, now);
    ends += todo == action::finish ? 1 : 0;
    require(!over || (todo == action::none && x.over()), "an end is the end");
    require(x.over() == (ends == 1), "an end is told once");
    require(x.over() == is_final(x.state()), "over is final");
    require(x.state() == before || may_follow(before, x.state()),
            "the records may say so");
    require(todo != action::pause || x.delay().count() >= 0,
            "a pause is not negative");
    if (x.state() == context_state::error)
      require(!x.reason().message.empty(), "an error has a reason");
    require(!(todo == action::open) || x.state() == context_state::running,
            "it takes jobs while it runs");
  }
}

} // namespace

void one(std::string_view input) {
  check_job(input);
  check_context(input);
}

} // namespace hearth::fuzz
