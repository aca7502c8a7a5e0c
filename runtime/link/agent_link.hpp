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

/// One agent's connection. Every member function may be called from any
/// thread and returns at once. May be kept after the server is gone.
class agent_link {
public:
  using frame_handler = std::function<void(protocol::frame)>;
  using close_handler = std::function<void(std::string reason)>;

  virtual ~agent_link() = default;

  /// Takes the agent: answers `welcome` and hands over what it sends, on the
  /// link's thread, in order. Pings and pongs are the link's own business.
  /// `on_closed` is called once, after the last frame: when the agent went
  /// away, broke the protocol, or was silent for too long; `reason` is text.
  /// If that has happened before, `accept` itself calls it. A protocol_error
  /// that `on_frame` throws is the agent's fault and closes the connection, as
  /// does any other exception. A second `accept` is ignored.
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
