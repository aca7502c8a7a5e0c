/// The connections that have not proven themselves yet. Internal to
/// runtime/link.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <utility>

namespace hearth::link {

/// Connections in the order in which they came, until they are accepted as an
/// agent's or closed. Each listener has its own, so that strangers who come by
/// TCP take no place from agents who come by the Unix socket. Not thread-safe.
template <class Connection>
class newcomers {
public:
  using pointer = std::shared_ptr<Connection>;

  explicit newcomers(std::size_t most) : most_(most) {}

  void add(pointer x) {
    waiting_.push_back(std::move(x));
  }

  /// Does nothing if it has left already.
  void remove(const pointer& x) {
    waiting_.remove(x);
  }

  bool over_limit() const noexcept {
    return waiting_.size() > most_;
  }

  /// Who goes first if there are too many: the oldest, but those that wait for
  /// the answer to their hello only if there are no others. The newest goes
  /// only if it is alone. @returns null if there are none
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
