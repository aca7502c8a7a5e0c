/// What a job can use while it runs: its context's settings, log, threads and
/// named objects, its progress, and whether it has to stop.
#pragma once

#include <chrono>
#include <functional>
#include <hearth/abi.h>
#include <hearth/errors.hpp>
#include <hearth/objects.hpp>
#include <hearth/parallel.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth {

enum class level : int {
  debug = HEARTH_DEBUG,
  info = HEARTH_INFO,
  warn = HEARTH_WARN,
  error = HEARTH_ERROR
};

/// The context, as one run of a job sees it. Do not keep it beyond the run.
/// Thread-safe.
class context {
public:
  context(const hearth_host* host, hearth_run* run)
    : host_(host), run_(run), stop_(host->stop_flag(run)) {
    // nop
  }

  context(const context&) = delete;
  context& operator=(const context&) = delete;

  std::string_view job_id() const {
    return view(host_->job_id(run_));
  }

  /// Returns the context's name.
  std::string_view name() const {
    return view(host_->context_name(run_));
  }

  /// Returns a setting that the context was created with, by its dotted path.
  std::optional<std::string> setting(std::string_view path) const {
    auto x = host_->setting(run_, {path.data(), path.size()});
    if (!x.data)
      return std::nullopt;
    return std::string(x.data, x.size);
  }

  // -- stopping ---------------------------------------------------------------

  /// Whether the job was killed or its context is being stopped. It costs as
  /// little as reading a variable, so long loops should ask often.
  bool stop_requested() const noexcept {
    return __atomic_load_n(stop_, __ATOMIC_RELAXED) != 0;
  }

  /// @throws stopped if `stop_requested()`
  void check_stop() const {
    if (stop_requested())
      throw stopped();
  }

  /// Sleeps for that time.
  /// @throws stopped as soon as the job has to stop
  void sleep_for(std::chrono::milliseconds time) const {
    if (host_->wait_stop(run_, time.count()) != 0)
      throw stopped();
  }

  // -- telling ----------------------------------------------------------------

  /// Reports the job's progress. It is cheap: only a few reports a second are
  /// sent.
  void progress(std::int64_t done, std::int64_t total,
                std::string_view text = {}) const {
    host_->progress(run_, done, total, {text.data(), text.size()});
  }

  /// Writes a line to the context's log.
  void log(hearth::level level, std::string_view text) const {
    host_->log(run_, static_cast<int>(level), {text.data(), text.size()});
  }

  // -- sharing ----------------------------------------------------------------

  named_objects objects() const {
    return {host_, run_};
  }

  // -- threads ----------------------------------------------------------------

  /// Returns how many threads the context's pool has, which is its setting
  /// `num-cpu-cores`.
  unsigned pool_size() const {
    return host_->pool_size(run_);
  }

  /// Runs `work` on the pool. It must not throw, must not wait for other work
  /// of the pool, and must have ended before the job returns.
  void submit(std::function<void()> work) const {
    auto owned = std::make_unique<std::function<void()>>(std::move(work));
    host_->submit(
      run_,
      [](void* p) {
        std::unique_ptr<std::function<void()>> work{
          static_cast<std::function<void()>*>(p)};
        (*work)();
      },
      owned.get());
    static_cast<void>(owned.release());
  }

  /// Calls `body(i)` for each i below `count`, in parallel; the calling thread
  /// takes part. The first exception ends the loop and is thrown here.
  /// @throws stopped if the job is killed meanwhile
  template <class Body>
  void parallel_for(std::size_t count, Body&& body) const {
    parallel_ranges(count, [&](std::size_t begin, std::size_t end) {
      // Pieces may be large, and a kill waits for them.
      for (auto i = begin; i < end && !stop_requested(); ++i)
        body(i);
    });
  }

  /// Does the same with calls of `body(begin, end)` for pieces of the range. A
  /// body that takes long should ask `stop_requested` itself.
  template <class Body>
  void parallel_ranges(std::size_t count, Body&& body) const {
    detail::parallel(*this, count, std::forward<Body>(body));
    check_stop();
  }

  /// Calls `part(begin, end)` for pieces of the range, and joins their results
  /// with `join(T, T)`, in no particular order.
  template <class T, class Part, class Join>
  T parallel_reduce(std::size_t count, T start, Part&& part,
                    Join&& join) const {
    std::mutex mutex;
    parallel_ranges(count, [&](std::size_t begin, std::size_t end) {
      auto x = part(begin, end);
      std::lock_guard guard{mutex};
      start = join(std::move(start), std::move(x));
    });
    return start;
  }

private:
  static std::string_view view(hearth_text x) {
    return {x.data, x.size};
  }

  const hearth_host* host_;
  hearth_run* run_;
  const std::uint32_t* stop_;
};

} // namespace hearth
