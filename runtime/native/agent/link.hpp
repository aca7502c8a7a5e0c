/// Keeps the agent's one connection to the server. The agent owns it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "runtime/native/agent/poller.hpp"
#include "runtime/native/agent/sink.hpp"
#include "runtime/protocol/frame.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth::native {

/// The events of the link. One thread at a time calls them.
class link_events {
public:
  virtual ~link_events() = default;

  /// Returns the frame with which the agent introduces itself.
  virtual protocol::frame hello() = 0;

  /// The server has accepted the agent. Everything that the server may have
  /// missed has to be sent again.
  virtual void welcomed(connection_id connection) = 0;

  /// A frame has arrived that the link does not handle itself.
  virtual void received(protocol::frame x) = 0;

  /// The connection is gone, and the link dials again.
  virtual void lost() = 0;

  /// A time that was asked for with `poller::wake_at` may have come.
  virtual void tick() = 0;
};

/// Dials, dials again after a loss, and keeps up the heartbeat. One thread
/// opens and closes the connection; whichever thread gets the event that there
/// is something to read reads the frames.
///
/// ```
///  serve():  dial --> hello, welcome --> wait for its end --> hang up --+
///             ^                                                         |
///             +---------------------------------------------------------+
///  handle(): reads, hands over frames, asks for the next event; tells the end
/// ```
class link final : public frame_sink {
public:
  /// @param poll the link asks it for events, which its threads pass to
  /// `handle`
  link(const protocol::start_file& start, link_events& events, poller& poll);
  ~link() override;
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Keeps the connection until the link is closed or gives up.
  /// @returns why the link gave up; "" if `close` was called
  std::string serve();

  /// Handles an event of the poller that does not concern jobs. Thread-safe.
  void handle(poller::event what);

  /// Ends `serve`. Thread-safe.
  void close();

  /// Returns the connection if the server has accepted the agent on it, else 0.
  /// Thread-safe.
  connection_id connection();

  /// Sends a frame. Small frames of several threads are sent together. A frame
  /// that is held back waits for the next frame, or for `flush`.
  bool send(connection_id connection, const protocol::frame& x,
            std::string_view payload = {}, bool hold = false) override;

  /// Sends the frames that were held back. Thread-safe.
  void flush();

private:
  using lock = std::unique_lock<std::mutex>;

  enum class heard { bytes, nothing, end };

  bool serve_once();
  bool handshake();
  void serve_connection();
  void wait_for_end();
  void attend(poller::event what);
  void take_all();
  void take(protocol::frame x);
  heard read(steady_clock::time_point deadline);
  heard receive(int flags);
  void keep_alive();
  steady_clock::time_point ping_if_idle();
  void end_connection();
  void hang_up();
  void drain(lock& guard);
  bool write(std::string_view first, std::string_view second) const;
  bool pause(std::chrono::milliseconds time) const;

  const protocol::start_file& start_;
  link_events& events_;
  poller& poll_;
  std::chrono::milliseconds heartbeat_;
  std::string reason_; ///< why it gave up
  int wake_;           ///< an eventfd that `close` writes to

  std::mutex turn_; ///< held to call `events_`; lock it before `mutex_`
  // The next four belong to the thread that holds `turn_`, or to the thread in
  // `serve` while no other thread reads.
  protocol::frame_reader reader_;
  steady_clock::time_point heard_;
  std::uint64_t pings_ = 0;
  bool reading_ = false; ///< there is a connection to read from

  std::mutex mutex_;
  std::condition_variable written_;
  std::condition_variable over_; ///< the connection or the link has ended
  bool closed_ = false;          ///< `close` was called
  bool ended_ = false;           ///< the connection has to end
  int fd_ = -1;                  ///< opened and closed by the thread in `serve`
  connection_id last_ = 0;
  connection_id open_ = 0; ///< 0 while the server has not accepted the agent
  bool writing_ = false;   ///< a thread writes all that is added to `out_`
  std::string out_;
  steady_clock::time_point sent_;
};

} // namespace hearth::native
