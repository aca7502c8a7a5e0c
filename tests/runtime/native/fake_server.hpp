/// The server's side of the agent protocol, for tests of an agent.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/native/agent/agent.hpp"
#include "runtime/protocol/messages.hpp"

namespace hearth::test {

/// Takes one connection at a time. What does not come within some seconds is
/// a failure.
class fake_server {
public:
  fake_server();
  ~fake_server();
  fake_server(const fake_server&) = delete;
  fake_server& operator=(const fake_server&) = delete;

  /// What an agent of this server is started with.
  protocol::start_file start_file() const;

  const std::string& folder() const noexcept {
    return folder_;
  }

  /// Waits for an agent, welcomes it. @returns how it introduced itself
  protocol::hello welcome();

  void hang_up();

  void send(const protocol::frame& x);

  /// The next frame but pings. @throws std::runtime_error at the deadline
  protocol::frame next();

  /// The next frame, which has to be of that kind.
  protocol::frame expect(protocol::kind kind);

  /// Whether nothing more comes for a while.
  bool silent_for(std::chrono::milliseconds time);

private:
  bool wait(std::chrono::milliseconds time);

  std::string folder_;
  int listener_;
  int fd_ = -1;
  protocol::frame_reader reader_;
};

/// A run_job frame for a library of the tests.
protocol::frame job(const std::string& id, const std::string& name,
                    const std::string& config = "{}",
                    const std::string& library = "test_jobs_v1",
                    std::uint64_t max_result = 64 << 20,
                    std::uint64_t credit = 1 << 20);

} // namespace hearth::test
