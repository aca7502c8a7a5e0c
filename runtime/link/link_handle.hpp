/// The part of an agent's connection that any thread may use: it queues and
/// writes frames. Internal to runtime/link.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/link/agent_link.hpp"
#include "runtime/link/output_queue.hpp"
#include "runtime/link/result_credit.hpp"

namespace hearth::link {

/// The handlers that `agent_link::accept` was given.
struct link_handlers {
  agent_link::frame_handler on_frame;
  agent_link::close_handler on_closed;
};

/// Queues frames and writes them. After a pause, the thread that sends a frame
/// also writes it, which saves a change of threads. In a burst, frames are left
/// to the link's thread, which writes many at once. Neither writes so much at a
/// time that other connections have to wait long.
///
/// It owns no part of the io_context, so an actor may keep it for longer than
/// that exists.
class link_handle final : public agent_link {
public:
  using clock = std::chrono::steady_clock;

  /// The state that `attend` reports to the link's thread.
  struct report {
    std::shared_ptr<link_handlers> accepted; ///< null before `accept`
    bool ending = false;                     ///< no more frames will be sent
    bool drained = false;                    ///< everything is written
    bool blocked = false;                    ///< the socket takes no more now
    std::string failure;                     ///< why it cannot go on, or ""
  };

  /// @param socket          not owned; not used after `shut`
  /// @param max_queued      limit in bytes, beyond which the link fails
  /// @param request_attend  makes the link's thread call `attend`, either at
  ///                        once or within some milliseconds; not called after
  ///                        `shut`
  link_handle(int socket, std::chrono::milliseconds heartbeat,
              std::size_t max_queued,
              std::function<void(bool at_once)> request_attend);

  void accept(frame_handler on_frame, close_handler on_closed) override;
  void reject(std::string message) override;
  void send(protocol::frame x) override;
  void send_with(protocol::frame x, shared_text payload) override;
  void send_along(protocol::frame x) override;
  void close() override;

  // -- for the link's thread --------------------------------------------------

  /// Writes queued bytes.
  /// @param writable  whether the socket is known to be writable
  report attend(bool writable);

  /// Counts the parts of results against their credit.
  /// @throws protocol_error if the agent had none left
  void check_credit(const protocol::frame& from_agent);

  /// Makes the link's thread call `attend` soon.
  void request_attend();

  /// Ends all use of the socket.
  /// @returns the handlers that `accept` was given, or null; the second call
  ///          returns null
  std::shared_ptr<link_handlers> shut(std::string reason);

  /// Returns when bytes were last written.
  clock::time_point last_write();

  /// Whether the agent has read nothing for that long, though bytes wait for
  /// it.
  bool is_unread(clock::time_point now, std::chrono::milliseconds time);

private:
  enum class phase { introduced, accepted, ending, shut };

  bool append(protocol::frame&& x, shared_text&& payload);
  void push(protocol::frame&& x, shared_text&& payload = {});
  void write(clock::time_point now);
  void want_attend();

  /// The lease of a frame that is queued, held until all of it is written.
  struct queued_lease {
    std::uint64_t end; ///< of the frame: bytes since the link began
    std::shared_ptr<const void> lease;
  };

  const std::chrono::milliseconds heartbeat_;
  const std::size_t max_queued_;
  const std::function<void(bool)> request_attend_;
  std::mutex mutex_; ///< guards all members below
  int socket_;
  phase phase_ = phase::introduced;
  bool was_accepted_ = false;
  output_queue queue_;        ///< not yet written
  std::uint64_t written_ = 0; ///< bytes since the link began
  std::deque<queued_lease> leases_;
  /// Destroyed without the mutex, because that may ask for `attend`.
  std::vector<std::shared_ptr<const void>> ended_leases_;
  bool blocked_ = false;
  bool attend_wanted_ = false;
  bool along_only_ = false;   ///< nobody waits for the queued bytes
  bool along_wanted_ = false; ///< an `attend` was asked for because of that
  clock::time_point last_write_;
  std::shared_ptr<link_handlers> handlers_;
  std::string failure_;
  std::string shut_reason_;
  result_credit credit_{result_window};
};

} // namespace hearth::link
