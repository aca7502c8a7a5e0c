/// The half of a connection that other threads touch. Internal to
/// runtime/link.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/link/agent_link.hpp"
#include "runtime/link/result_credit.hpp"

namespace hearth::link {

/// What `agent_link::accept` was given.
struct link_handlers {
  agent_link::frame_handler on_frame;
  agent_link::close_handler on_closed;
};

/// Queues and writes what is sent. After a pause a frame is written by the
/// thread that sends it, which saves a change of threads; in a burst it is left
/// to the link's thread, which writes many at once.
///
/// Owns no part of the io_context, so that an actor may keep it for longer.
class link_handle final : public agent_link {
public:
  using clock = std::chrono::steady_clock;

  /// What the link's thread has to know.
  struct report {
    std::shared_ptr<link_handlers> accepted; ///< once `accept` was called
    bool ending = false;                     ///< no more will be sent
    bool drained = false;                    ///< all is written
    bool blocked = false;                    ///< the socket takes no more now
    std::string failure;                     ///< why it cannot go on, or ""
  };

  /// @param socket          not owned; not used after `shut`
  /// @param max_queued      bytes, more is a failure
  /// @param request_attend  has the link's thread call `attend`: at once, or
  ///                        within some milliseconds; not called after `shut`
  link_handle(int socket, std::chrono::milliseconds heartbeat,
              std::size_t max_queued,
              std::function<void(bool at_once)> request_attend);

  void accept(frame_handler on_frame, close_handler on_closed) override;
  void reject(std::string message) override;
  void send(protocol::frame x) override;
  void send_along(protocol::frame x) override;
  void close() override;

  // -- for the link's thread --------------------------------------------------

  /// Writes what is queued. @param writable  whether the socket was waited for
  report attend(bool writable);

  /// Counts the parts of results against their credit.
  /// @throws protocol_error if the agent had none left
  void check_credit(const protocol::frame& from_agent);

  /// Has the link's thread call `attend` soon.
  void request_attend();

  /// Ends all use of the socket.
  /// @returns what `accept` was given, if anything, to the first call
  std::shared_ptr<link_handlers> shut(std::string reason);

  /// When bytes were last written.
  clock::time_point last_write();

private:
  enum class phase { introduced, accepted, ending, shut };

  std::size_t queued() const;
  bool append(const protocol::frame& x);
  void push(const protocol::frame& x);
  void write(clock::time_point now);
  void want_attend();

  const std::chrono::milliseconds heartbeat_;
  const std::size_t max_queued_;
  const std::function<void(bool)> request_attend_;
  std::mutex mutex_; ///< guards all below
  int socket_;
  phase phase_ = phase::introduced;
  bool was_accepted_ = false;
  std::string bytes_;     ///< not yet written, from begin_ on
  std::size_t begin_ = 0; ///< of what is not yet written
  bool blocked_ = false;
  bool attend_wanted_ = false;
  bool along_only_ = false;   ///< nobody waits for what is queued
  bool along_wanted_ = false; ///< an `attend` for that was asked for
  clock::time_point last_write_;
  std::shared_ptr<link_handlers> handlers_;
  std::string failure_;
  std::string shut_reason_;
  result_credit credit_{result_window};
};

} // namespace hearth::link
