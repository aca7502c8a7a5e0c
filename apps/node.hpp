/// The composition root: every part of a server, made in the order in which
/// they depend on each other and ended in the reverse.
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
  /// Opens the store, ends what a killed server left behind, starts the actors
  /// and the agent port, and opens the HTTP port last. If a step fails, ends
  /// what was started before it; if even that hangs, prints the reason and ends
  /// the process with 1, all within a second.
  /// @throws std::exception with a message for the operator
  explicit node(conf::settings settings, node_faults faults = {});

  /// Stops in order, if `stop` was not called.
  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// The HTTP port.
  std::uint16_t port() const noexcept;

  /// Blocks until SIGTERM, SIGINT, or the death of a part without which the
  /// server cannot go on.
  /// @returns which part died, and why; "": it was asked to stop
  std::string wait();

  /// Stops accepting, stops the contexts, answers what is under way, flushes
  /// the store. Takes at most `hearth.shutdown-timeout`: if it hangs where no
  /// step has a limit, it ends the process with `exit_given_up`.
  /// @returns what was given up, a phrase each; if there is any, the caller
  ///          ends the process at once, without destroying this
  std::vector<std::string> stop();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// The exit code of a server that gave up something when it was stopped.
inline constexpr int exit_given_up = 3;

} // namespace hearth
