/// The part of an agent's connection that only the link's thread uses: its
/// states, reading, and timers. Internal to runtime/link.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include <asio/generic/stream_protocol.hpp>
#include <asio/steady_timer.hpp>

#include "runtime/link/agent_server.hpp"
#include "runtime/link/limited_log.hpp"
#include "runtime/link/link_handle.hpp"
#include "runtime/link/newcomers.hpp"
#include "runtime/link/progress_box.hpp"
#include "runtime/link/read_budget.hpp"

namespace hearth::link {

class connection;

/// TCP, or a Unix socket.
using stream = asio::generic::stream_protocol;

/// The objects that all connections of one agent server share.
struct hub {
  explicit hub(const asio::any_io_executor& executor) : log(executor) {}

  agent_server_config config;
  hello_handler on_hello;
  std::set<std::shared_ptr<connection>> connections; ///< all that are open
  std::array<char, 64 * 1024> buffer; ///< for reading from any connection
  limited_log log;                    ///< for lines about strangers
};

using newcomers_ptr = std::shared_ptr<newcomers<connection>>;

class connection : public std::enable_shared_from_this<connection> {
public:
  using clock = link_handle::clock;

  connection(stream::socket socket, std::shared_ptr<hub> hub,
             newcomers_ptr newcomers);

  /// Adds itself to the hub and to the newcomers. Reads the hello if it has
  /// arrived already, and otherwise waits for it.
  void start();

  /// If there was traffic with its agent lately, reads and writes now as much
  /// as is possible without waiting.
  void look(clock::time_point now);

  /// Closes at once.
  void close(const std::string& reason);

  /// Whether the agent waits for the server's answer to its hello.
  bool said_hello() const noexcept {
    return state_ == state::introduced;
  }

private:
  enum class state {
    greeting,   ///< waits for hello
    introduced, ///< waits for `accept` or `reject` and reads nothing
    open,
    ending,    ///< writes the frames that are left, and ignores what it reads
    lingering, ///< has written everything; waits for the agent to close
    closed
  };

  void enter(state x);
  void attend(bool writable);
  void attend_later();
  void finish();
  void wait_for_writable();
  void start_read();
  void read();
  void process();
  void resume();
  void handle(protocol::frame x);
  void hand_over(protocol::frame x);
  void hand_over_progress();
  void empty_progress();
  void take_file_request(protocol::frame x);
  void serve_files();
  void introduce(const protocol::frame& x);
  void arm_timer();
  void on_timer();
  void tell_closed(std::shared_ptr<link_handlers> handlers,
                   const std::string& reason);

  stream::socket socket_;
  asio::steady_timer timer_;
  asio::steady_timer along_timer_;
  std::shared_ptr<hub> hub_; ///< null once closed
  std::shared_ptr<link_handle> handle_;
  std::shared_ptr<link_handlers> handlers_; ///< while open
  protocol::frame_reader reader_;
  state state_ = state::greeting;
  newcomers_ptr newcomers_; ///< null once this is none of them
  std::shared_ptr<read_budget> budget_;
  std::shared_ptr<read_budget> progress_budget_; ///< for one frame of each job
  std::shared_ptr<read_budget> file_budget_;     ///< for unwritten file answers
  progress_box progress_;
  std::deque<protocol::frame> file_requests_; ///< waiting for that budget
  bool paused_ = false;                       ///< until frames are handled
  bool reading_ = false;
  bool writing_ = false;
  std::size_t greeting_bytes_ = 0;
  std::uint64_t pings_ = 0;
  clock::time_point entered_; ///< when the present state began
  clock::time_point last_read_;
  clock::time_point last_ping_;
};

} // namespace hearth::link
