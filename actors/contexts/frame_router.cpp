#include "actors/contexts/frame_router.hpp"

#include <utility>

#include <caf/all.hpp>

#include "actors/api/messages.hpp"
#include "runtime/protocol/messages.hpp"

namespace hearth {

namespace {

bool is_about_context(protocol::kind kind) noexcept {
  return kind == protocol::kind::context_ready
         || kind == protocol::kind::context_failed
         || kind == protocol::kind::stopping || kind == protocol::kind::log;
}

} // namespace

frame_router::frame_router(std::shared_ptr<const job_directory> jobs,
                           caf::weak_actor_ptr context,
                           const link::agent_link* link)
  : jobs_(std::move(jobs)), context_(std::move(context)), link_(link) {
  // nop
}

void frame_router::frame(protocol::frame frame) {
  std::lock_guard guard{mutex_};
  if (open_)
    hand_over(std::move(frame));
  else
    early_frames_.push_back(std::move(frame));
}

void frame_router::closed(std::string reason) {
  std::lock_guard guard{mutex_};
  if (open_)
    tell_closed(std::move(reason));
  else
    early_end_ = std::move(reason);
}

void frame_router::open() {
  std::lock_guard guard{mutex_};
  open_ = true;
  for (auto& frame : std::exchange(early_frames_, {}))
    hand_over(std::move(frame));
  if (early_end_)
    tell_closed(std::move(*early_end_));
}

void frame_router::hand_over(protocol::frame&& frame) const {
  if (!is_about_context(frame.kind))
    if (auto job = jobs_->find(protocol::parse_job(frame))) {
      caf::anon_send(job, agent_frame{link_, std::move(frame)});
      return;
    }
  if (auto context = context_.lock())
    caf::anon_send(caf::actor_cast<context_actor>(context),
                   agent_frame{link_, std::move(frame)});
}

void frame_router::tell_closed(std::string&& reason) const {
  if (auto context = context_.lock())
    caf::anon_send(caf::actor_cast<context_actor>(context),
                   agent_closed{link_, std::move(reason)});
}

} // namespace hearth
