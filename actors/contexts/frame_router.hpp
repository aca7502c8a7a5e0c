/// Hands the frames that come over one link to the actors that they are meant
/// for. A context makes one for each link to its agent.
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

/// A frame about a live job goes straight to that job, any other frame to the
/// context.
///
/// Before `open` it keeps all frames. A context tells its jobs of a new link
/// first, so that each job sees the frames of the old link, then the new link,
/// then the frames of the new link. The context learns of the link's end only
/// when all frames are in the mailboxes of their actors. The link's thread
/// calls `frame` and `closed`. Thread-safe.
class frame_router {
public:
  /// @param context a weak handle, because a link must not keep its context's
  ///        actor alive until it has closed
  frame_router(std::shared_ptr<const job_directory> jobs,
               caf::weak_actor_ptr context, const link::agent_link* link);

  /// Hands a frame over, or keeps it for `open`.
  /// @throws protocol_error if the frame has to name a job and does not
  void frame(protocol::frame frame);

  /// Tells the context that the link is gone, for that reason.
  void closed(std::string reason);

  /// Hands over all frames that were kept. Later frames are handed over at
  /// once.
  /// @throws protocol_error as `frame` does
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
