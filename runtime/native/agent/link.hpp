/// The agent's one connection to the server.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/native/agent/sink.hpp"
#include "runtime/protocol/frame.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth::native {

/// What happens on the link. All of it is called by the thread that serves it.
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

  /// When `tick` wants to be called.
  virtual std::optional<steady_clock::time_point> next_tick() = 0;

  virtual void tick() = 0;
};

/// Keeps a connection to the server: dials, redials, keeps the heartbeat.
class link final : public frame_sink {
public:
  link(const protocol::start_file& start, link_events& events);
  ~link() override;
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Serves the link on the calling thread, until it is closed.
  /// @returns why the link gave up, "" if `close` was called
  std::string serve();

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

  /// Whether something waits for `flush`. Thread-safe.
  bool holds_back();

private:
  using lock = std::unique_lock<std::mutex>;

  enum class heard { bytes, nothing, end };

  bool serve_once();
  bool handshake();
  void serve_connection();
  void take(protocol::frame x);
  heard read(steady_clock::time_point deadline);
  steady_clock::time_point ping_if_idle();
  void hang_up();
  void drain(lock& guard);
  bool write(std::string_view first, std::string_view second) const;
  bool pause(std::chrono::milliseconds time) const;

  const protocol::start_file& start_;
  link_events& events_;
  std::chrono::milliseconds heartbeat_;
  protocol::frame_reader reader_;
  steady_clock::time_point heard_;
  std::uint64_t pings_ = 0;
  std::string reason_; ///< why it gave up
  int wake_;           ///< an eventfd: `close` was called

  std::mutex mutex_;
  std::condition_variable written_;
  int fd_ = -1; ///< opened and closed by the thread that serves
  connection_id last_ = 0;
  connection_id open_ = 0; ///< 0 unless welcomed
  bool writing_ = false;   ///< somebody writes; it takes what is added to out_
  std::string out_;
  steady_clock::time_point sent_;
};

} // namespace hearth::native
