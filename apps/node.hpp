/// The composition root: every part of a server, made in the order in which
/// they depend on each other and ended in the reverse.
#pragma once

#include <cstdint>
#include <memory>

#include "conf/settings.hpp"

namespace hearth {

class node {
public:
  /// Opens the store, ends what a killed server left behind, starts the actors
  /// and the agent port, and opens the HTTP port last.
  /// @throws std::exception with a message for the operator
  explicit node(conf::settings settings);

  /// Stops in order, if `stop` was not called.
  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// The HTTP port.
  std::uint16_t port() const noexcept;

  /// Blocks until SIGTERM or SIGINT.
  void wait();

  /// Stops accepting, stops the contexts, answers what is under way, flushes
  /// the store. Takes at most `hearth.shutdown-timeout`.
  void stop();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace hearth
