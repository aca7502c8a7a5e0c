/// The database of the server, which several threads use in turn.
#pragma once

#include <memory>
#include <mutex>

#include "store/store.hpp"

namespace hearth {

/// Owns the store and lends it to one thread at a time: there is no other way
/// to it. The store's actor uses it for everything; the edge thread borrows it
/// to write the ends of sync jobs (`end_writer`). Its functions may be called
/// on any thread, but not from within `f`.
class shared_database {
public:
  explicit shared_database(std::unique_ptr<store> database)
    : store_(std::move(database)) {
    // nop
  }

  /// Calls `f` with the store, once no other thread uses it.
  template <class F>
  auto use(F f) {
    std::lock_guard guard{mutex_};
    return f(*store_);
  }

  /// Calls `f` with the store, unless another thread uses it.
  /// @returns what `f` returns, a `bool`; false if it was not called
  template <class F>
  bool try_use(F f) {
    std::unique_lock guard{mutex_, std::try_to_lock};
    return guard && f(*store_);
  }

private:
  std::mutex mutex_;
  std::unique_ptr<store> store_;
};

} // namespace hearth
