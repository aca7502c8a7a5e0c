#include "http/routes/health.hpp"

#include <utility>

#include "actors/api/status.hpp"
#include "http/core/reply.hpp"
#include "http/routes/route_env.hpp"
#include "http/routes/status_sweep.hpp"

namespace hearth::http {

namespace {

response answer_of(const std::vector<std::string>& wrong) {
  if (wrong.empty())
    return success();
  std::string text;
  for (auto& phrase : wrong)
    text += (text.empty() ? "" : "; ") + phrase;
  return http_failure(500, "not every part of the server works: " + text);
}

} // namespace

std::vector<std::string>
silence_record::note(const std::vector<actor_status>& lines,
                     const patience& busy, clock::time_point now) {
  std::vector<std::string> wrong;
  decltype(since_) silent;
  for (auto& line : lines) {
    if (line.state == status_ended) {
      wrong.push_back(line.name + " " + line.state);
    } else if (line.state == status_lost) {
      wrong.push_back(line.name + " is lost");
    } else if (line.state == status_silent) {
      auto known = since_.find(line.name);
      auto since = known == since_.end() ? now : known->second;
      silent[line.name] = since;
      auto may = busy.find(line.name);
      if (may == busy.end() || now - since > may->second)
        wrong.push_back(line.name + " " + line.state);
    }
  }
  since_ = std::move(silent);
  return wrong;
}

void health_check::answer(const route_env& e, const exchange_ptr& call) {
  {
    std::unique_lock guard{mutex_};
    if (last_ && clock::now() - last_->from < e.wait.health_lasts) {
      auto known = answer_of(last_->wrong);
      guard.unlock();
      return call->answer(std::move(known));
    }
    waiting_.push_back(call);
    if (std::exchange(sweeping_, true))
      return;
  }
  sweep_status(e, sweep_depth::parts,
               [self = e.health, busy = e.wait.busy](const auto& lines) {
                 self->decide(lines, busy);
               });
}

void health_check::decide(const std::vector<actor_status>& lines,
                          const silence_record::patience& busy) {
  std::vector<exchange_ptr> waiting;
  std::vector<std::string> wrong;
  {
    std::lock_guard guard{mutex_};
    auto now = clock::now();
    wrong = silence_.note(lines, busy, now);
    last_ = verdict{wrong, now};
    sweeping_ = false;
    waiting.swap(waiting_);
  }
  for (auto& call : waiting)
    call->answer(answer_of(wrong));
}

} // namespace hearth::http
