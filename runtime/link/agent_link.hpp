/// The interface by which actors use the connection to an agent. runtime/link
/// implements it; tests use fakes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/shared_text.hpp"
#include "runtime/protocol/frame.hpp"
#include "runtime/protocol/messages.hpp"

namespace hearth::link {

/// The credit that comes with each `run_job`: how many bytes of a result an
/// agent may send before it gets more credit. An agent that sends more is
/// disconnected.
inline constexpr std::uint64_t result_window = 1024 * 1024;

/// One agent's connection. Any thread may call its functions, which return at
/// once. It may outlive the agent server.
class agent_link {
public:
  using frame_handler = std::function<void(protocol::frame)>;
  using close_handler = std::function<void(std::string reason)>;

  virtual ~agent_link() = default;

  /// Accepts the agent: answers with `welcome`, and from then on hands over its
  /// frames in order, on the link's thread. The link handles pings and pongs
  /// itself. `on_closed` is called once, after the last frame, when the agent
  /// has disconnected, broken the protocol, or was silent for too long;
  /// `reason` is a text. If the connection has closed already, `accept` itself
  /// calls it. If `on_frame` throws, the connection is closed; a protocol_error
  /// is reported as the agent's fault. A second `accept` is ignored.
  ///
  /// A frame counts as unhandled until its `lease` is destroyed. While too many
  /// bytes are unhandled, nothing is read from the agent. So code that keeps a
  /// frame for later should keep only what it needs and destroy the frame. If
  /// `job_progress` frames of one job arrive faster than they are handled, only
  /// the newest one is handed over.
  virtual void accept(frame_handler on_frame, close_handler on_closed) = 0;

  /// Refuses the agent, which then ends itself.
  virtual void reject(std::string message) = 0;

  /// Sends a frame. Frames are sent in the order of the calls. Frames that are
  /// sent before `accept` or after a close are lost. The frame's lease is held
  /// until the frame is written: the answer to `read_file` has the lease of the
  /// request, which therefore counts until then.
  /// @throws protocol_error if the frame is over a limit
  virtual void send(protocol::frame x) = 0;

  /// Sends a frame whose payload is given apart from it, and not copied: it
  /// may be large. `x.payload` has to be empty.
  /// @throws protocol_error if the frame is over a limit
  virtual void send_with(protocol::frame x, shared_text payload) {
    x.payload = payload.text();
    send(std::move(x));
  }

  /// Sends a frame that nobody waits for, together with the next frame or after
  /// some milliseconds, so that it alone does not wake the agent.
  virtual void send_along(protocol::frame x) {
    send(std::move(x));
  }

  /// Closes the connection when all earlier frames are sent. `on_closed` is
  /// still called, and `on_frame` may be, for frames that were under way.
  virtual void close() = 0;
};

using agent_link_ptr = std::shared_ptr<agent_link>;

/// Called on the link's thread for each agent that said hello. It has to lead
/// to `accept` or `reject` within 10 s, or the connection is closed.
using hello_handler
  = std::function<void(agent_link_ptr, const protocol::hello&)>;

} // namespace hearth::link
