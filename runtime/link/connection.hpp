/// One agent's TCP connection. Lives on the io_context's thread but for what
/// agent_link says may be called from any.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include "runtime/link/agent_link.hpp"
#include "runtime/link/agent_server.hpp"

namespace hearth::link {

class connection : public agent_link,
                   public std::enable_shared_from_this<connection> {
public:
  connection(asio::ip::tcp::socket socket, const agent_server_config& config,
             hello_handler on_hello);

  /// Reads until the end. `on_gone` is called once, after everything else.
  void run(std::function<void()> on_gone);

  void accept(frame_handler on_frame, close_handler on_closed) override;
  void reject(std::string message) override;
  void send(protocol::frame x) override;
  void close() override;

  /// Ends it now, whatever is still to be sent.
  void shut_down(const std::string& reason);

private:
  void read();
  void take(protocol::frame x);
  void say_hello(const protocol::frame& x);
  void flush();
  void write();
  void beat();

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  const agent_server_config config_;
  hello_handler on_hello_;
  frame_handler on_frame_;
  close_handler on_closed_;
  std::function<void()> on_gone_;
  protocol::frame_reader reader_;
  std::array<char, 65536> input_{};
  std::string output_; ///< what is being written
  bool greeted_ = false;
  bool accepted_ = false;
  bool writing_ = false;
  bool closing_ = false; ///< close once all is written
  bool gone_ = false;
  bool heard_ = false; ///< something came since the last beat
  bool sent_ = false;  ///< something was sent since the last beat
  int silent_beats_ = 0;
  std::uint64_t next_ping_ = 1;

  std::mutex mutex_;
  std::string pending_; ///< guarded; encoded frames that wait for the thread
  bool flush_posted_ = false; ///< guarded
};

} // namespace hearth::link
