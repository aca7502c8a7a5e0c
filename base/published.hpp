/// Holds a value that one thread replaces while others read it, without a lock.
///
/// `std::atomic<std::shared_ptr>` of libstdc++ 12 takes a lock bit for each
/// access, and ThreadSanitizer reports a race in it. Here a reader counts
/// itself in and out, and a value that was replaced is freed by a later
/// `publish` that finds no reader.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace hearth {

template <class T>
class published {
public:
  explicit published(std::unique_ptr<const T> first)
    : current_(first.release()) {}

  published(const published&) = delete;
  published& operator=(const published&) = delete;

  /// No thread may be reading, or read later.
  ~published() {
    delete current_.load();
  }

  /// Calls `f` with the current value and returns its result, which must not
  /// refer to the value. Any thread may call it; it never waits. `f` has to be
  /// short, because replaced values stay in memory while it runs.
  template <class F>
  auto read(F f) const {
    visit here{readers_};
    return f(*current_.load());
  }

  /// Replaces the value for all later calls of `read`. One thread at a time may
  /// call it.
  void publish(std::unique_ptr<const T> next) {
    replaced_.emplace_back(current_.exchange(next.release()));
    // A reader that counts itself in after this line sees the new value: all
    // of these operations have one order.
    if (readers_.load() == 0)
      replaced_.clear();
  }

private:
  struct visit {
    explicit visit(std::atomic<std::size_t>& readers) : readers(readers) {
      ++readers;
    }

    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

    ~visit() {
      --readers;
    }

    std::atomic<std::size_t>& readers;
  };

  std::atomic<const T*> current_;
  mutable std::atomic<std::size_t> readers_{0};
  /// Old values that a reader may still use.
  std::vector<std::unique_ptr<const T>> replaced_;
};

} // namespace hearth
