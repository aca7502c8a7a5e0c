/// The composition root. It makes every part of a server, in the order in which
/// they depend on each other, and ends them in the reverse order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apps/faults.hpp"
#include "conf/settings.hpp"

namespace hearth {

class node {
public:
  /// Opens the store, settles what an earlier server left behind, starts the
  /// actors and the agent port, and opens the HTTP port last. If a step fails,
  /// everything that was started before it is ended. If even that hangs, the
  /// reason is printed and the process ends with 1. Ending the started parts
  /// takes at most a second.
  /// @throws std::exception with a message for the operator
  explicit node(conf::settings settings, node_faults faults = {});

  /// Stops the server in order if `stop` was not called.
  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Returns the HTTP port.
  std::uint16_t port() const noexcept;

  /// Blocks until SIGTERM or SIGINT arrives, or until a part dies without which
  /// the server cannot go on.
  /// @returns which part died, and why; "" for a signal
  std::string wait();

  /// Stops accepting, stops the contexts, answers the requests under way and
  /// flushes the store. Takes at most `hearth.shutdown-timeout`. If a step
  /// hangs that has no limit of its own, the process ends with `exit_given_up`.
  /// @returns a phrase for each step that was given up; if there is any, the
  ///          caller has to end the process without destroying this object
  std::vector<std::string> stop();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// The exit code of a server that gave up a step of its stop.
inline constexpr int exit_given_up = 3;

} // namespace hearth
