/// Hands the frames of one link to the actors that they are about.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor_control_block.hpp>

#include "actors/api/job_directory.hpp"
#include "runtime/link/agent_link.hpp"
#include "runtime/protocol/frame.hpp"

namespace hearth {

/// Called on the link's thread. A frame about a live job goes straight to that
/// job, any other one to the context.
///
/// Nothing is handed over before `open`: a context first tells its jobs of the
/// new link, so that each job sees the frames of the old link, then the new
/// link, then the new link's frames. The link's end reaches the context after
/// all of its frames have reached the mailboxes of their actors. Thread-safe.
class frame_router {
public:
  /// @param context weak, for a link outlives its context's actor for as long
  ///        as it takes to close, and must not keep it alive
  frame_router(std::shared_ptr<const job_directory> jobs,
               caf::weak_actor_ptr context, const link::agent_link* link);

  /// @throws protocol_error if the frame should name a job and does not
  void frame(protocol::frame frame);

  /// The link is gone, for that reason.
  void closed(std::string reason);

  /// Hands over what has come, and from now on what comes.
  /// @throws protocol_error as `frame`
  void open();

private:
  void hand_over(protocol::frame&& frame) const;
  void tell_closed(std::string&& reason) const;

  const std::shared_ptr<const job_directory> jobs_;
  const caf::weak_actor_ptr context_;
  const link::agent_link* const link_;
  std::mutex mutex_; ///< held while frames are handed over, for their order
  bool open_ = false;
  std::vector<protocol::frame> early_frames_;
  std::optional<std::string> early_end_;
};

} // namespace hearth
