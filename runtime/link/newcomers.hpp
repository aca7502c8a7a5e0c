/// Keeps the connections that no context has accepted yet, and decides which of
/// them is closed if there are too many. Internal to runtime/link.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <utility>

namespace hearth::link {

/// Keeps connections in the order in which they were made, until they are
/// accepted as an agent's or closed. Each listener has its own object, so that
/// strangers who connect by TCP take no place from agents who use the Unix
/// socket. Not thread-safe.
template <class Connection>
class newcomers {
public:
  using pointer = std::shared_ptr<Connection>;

  explicit newcomers(std::size_t most) : most_(most) {}

  void add(pointer x) {
    waiting_.push_back(std::move(x));
  }

  /// Removes a connection. Does nothing if it was removed already.
  void remove(const pointer& x) {
    waiting_.remove(x);
  }

  bool over_limit() const noexcept {
    return waiting_.size() > most_;
  }

  /// Returns the connection that is closed first if there are too many. That is
  /// the oldest one that has not said hello; if all have, the oldest one. The
  /// newest is returned only if it is the only one.
  /// @returns null if there are no connections
  pointer next_to_go() const {
    if (waiting_.empty())
      return nullptr;
    auto newest = std::prev(waiting_.end());
    auto i = std::find_if(waiting_.begin(), newest,
                          [](auto& x) { return !x->said_hello(); });
    return i != newest ? *i : waiting_.front();
  }

  std::size_t most() const noexcept {
    return most_;
  }

private:
  const std::size_t most_;
  std::list<pointer> waiting_;
};

} // namespace hearth::link
