/// The agent's one connection to the server.
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

/// What happens on the link. All of it is called by one thread at a time.
class link_events {
public:
  virtual ~link_events() = default;

  /// What to introduce oneself with.
  virtual protocol::frame hello() = 0;

  /// The server knows us; all that it may have missed is to be said.
  virtual void welcomed(connection_id connection) = 0;

  /// A frame that is not the link's own business.
  virtual void received(protocol::frame x) = 0;

  /// The connection is gone; the link dials again.
  virtual void lost() = 0;

  /// A time that somebody has asked the poller for may be there.
  virtual void tick() = 0;
};

/// Keeps a connection to the server: dials, redials, keeps the heartbeat. One
/// thread dials and lets go; frames are read by whoever gets the event of it.
///
/// ```
///  serve():  dial --> hello, welcome --> wait for its end --> hang up --+
///             ^                                                         |
///             +---------------------------------------------------------+
///  handle(): reads, hands over frames, asks for the next event; tells the end
/// ```
class link final : public frame_sink {
public:
  /// @param poll where it asks for events; they come back by `handle`
  link(const protocol::start_file& start, link_events& events, poller& poll);
  ~link() override;
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Keeps the connection, until the link is closed.
  /// @returns why the link gave up, "" if `close` was called
  std::string serve();

  /// Does what an event of the poller is about, but for jobs. Thread-safe.
  void handle(poller::event what);

  /// Ends `serve`. Thread-safe.
  void close();

  /// The connection, once the server has welcomed us; else 0. Thread-safe.
  connection_id connection();

  /// Small frames of several threads go out together. What is held back waits
  /// for the next frame, or for `flush`.
  bool send(connection_id connection, const protocol::frame& x,
            std::string_view payload = {}, bool hold = false) override;

  /// Sends what was held back. Thread-safe.
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
  int wake_;           ///< an eventfd: `close` was called

  std::mutex turn_; ///< of calling `events_`; before `mutex_`
  // With the turn, or by the thread that serves while nobody else reads:
  protocol::frame_reader reader_;
  steady_clock::time_point heard_;
  std::uint64_t pings_ = 0;
  bool reading_ = false; ///< there is a connection to read from

  std::mutex mutex_;
  std::condition_variable written_;
  std::condition_variable over_; ///< the connection, or all
  bool closed_ = false;          ///< `close` was called
  bool ended_ = false;           ///< the connection was told to
  int fd_ = -1; ///< opened and closed by the thread that serves
  connection_id last_ = 0;
  connection_id open_ = 0; ///< 0 unless welcomed
  bool writing_ = false;   ///< somebody writes; it takes what is added to out_
  std::string out_;
  steady_clock::time_point sent_;
};

} // namespace hearth::native
