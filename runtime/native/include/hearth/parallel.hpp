/// Loops over the context's thread pool. Internal to hearth/context.hpp.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

namespace hearth::detail {

/// A range from which several threads take pieces. Helpers that start when all
/// pieces are done find it closed, and use nothing of the caller's.
template <class Context, class Body>
class shared_range {
public:
  shared_range(const Context& context, std::size_t count, std::size_t piece,
               Body& body)
    : context_(context), body_(body), count_(count), piece_(piece) {
    // nop
  }

  void help() {
    {
      std::lock_guard guard{mutex_};
      if (closed_)
        return;
      ++inside_;
    }
    work();
    std::lock_guard guard{mutex_};
    --inside_;
    all_out_.notify_all();
  }

  /// Works, too, and then waits for the helpers.
  /// @throws the first exception of `body`
  void run() {
    work();
    std::unique_lock guard{mutex_};
    closed_ = true;
    all_out_.wait(guard, [this] { return inside_ == 0; });
    if (error_)
      std::rethrow_exception(error_);
  }

private:
  void work() {
    std::size_t begin = 0;
    std::size_t end = 0;
    while (take(begin, end)) {
      try {
        body_(begin, end);
      } catch (...) {
        std::lock_guard guard{mutex_};
        if (!error_)
          error_ = std::current_exception();
        next_ = count_;
      }
    }
  }

  bool take(std::size_t& begin, std::size_t& end) {
    std::lock_guard guard{mutex_};
    if (next_ >= count_ || context_.stop_requested())
      return false;
    begin = next_;
    end = next_ = begin + std::min(piece_, count_ - begin);
    return true;
  }

  const Context& context_;
  Body& body_;
  std::size_t count_;
  std::size_t piece_;
  std::mutex mutex_;
  std::condition_variable all_out_;
  std::size_t next_ = 0;
  std::size_t inside_ = 0;
  bool closed_ = false;
  std::exception_ptr error_;
};

template <class Context, class Body>
void parallel(const Context& context, std::size_t count, Body&& body) {
  // Several pieces a thread, so that none waits long for the slowest.
  constexpr std::size_t pieces_a_thread = 8;
  auto threads = std::max<std::size_t>(context.pool_size(), 1);
  auto piece = std::max<std::size_t>(count / (threads * pieces_a_thread), 1);
  using range = shared_range<Context, std::remove_reference_t<Body>>;
  auto shared = std::make_shared<range>(context, count, piece, body);
  auto pieces = (count + piece - 1) / piece;
  for (std::size_t i = 1; i < std::min(threads, pieces); ++i)
    context.submit([shared] { shared->help(); });
  shared->run();
}

} // namespace hearth::detail
