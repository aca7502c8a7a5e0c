/// Connections to agents, as actors see them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "runtime/protocol/frame.hpp"
#include "runtime/protocol/messages.hpp"

namespace hearth::link {

/// The credit of each `run_job`: how many bytes of a result an agent may send
/// before it is given more. An agent that sends more is disconnected.
inline constexpr std::uint64_t result_window = 1024 * 1024;

/// One agent's connection. Every member function may be called from any
/// thread and returns at once. May be kept after the server is gone.
class agent_link {
public:
  using frame_handler = std::function<void(protocol::frame)>;
  using close_handler = std::function<void(std::string reason)>;

  virtual ~agent_link() = default;

  /// Takes the agent: answers `welcome` and hands over what it sends, on the
  /// link's thread, in order. The link answers pings and pongs itself.
  /// `on_closed` is called once, after the last frame: when the agent went
  /// away, broke the protocol, or was silent for too long; `reason` is text.
  /// If the connection has closed already, `accept` itself calls it. If
  /// `on_frame` throws, the connection is closed; a protocol_error is reported
  /// as the agent's fault. A second `accept` is ignored.
  ///
  /// Each frame counts as unhandled until its `lease` is destroyed. While too
  /// many bytes are unhandled the agent is not read, so whoever keeps a frame
  /// for later should take out what is needed and let the frame go. Of the
  /// `job_progress` frames of one job that come faster than they are handled
  /// only the newest is handed over.
  virtual void accept(frame_handler on_frame, close_handler on_closed) = 0;

  /// Refuses the agent, which then ends itself.
  virtual void reject(std::string message) = 0;

  /// Frames are sent in the order of the calls; before `accept` and after a
  /// close they are lost. @throws protocol_error if it is over a limit
  virtual void send(protocol::frame x) = 0;

  /// Sends what nobody waits for: together with the next frame, or after some
  /// milliseconds, so that it wakes no agent by itself.
  virtual void send_along(protocol::frame x) {
    send(std::move(x));
  }

  /// Closes the connection after what was sent before. `on_closed` is called
  /// nevertheless, `on_frame` perhaps for what was under way.
  virtual void close() = 0;
};

using agent_link_ptr = std::shared_ptr<agent_link>;

/// Called on the link's thread for each agent that said hello; one of
/// `accept` and `reject` must follow, else it is closed after 10 s.
using hello_handler
  = std::function<void(agent_link_ptr, const protocol::hello&)>;

} // namespace hearth::link
