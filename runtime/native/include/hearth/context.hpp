/// What a job has around it.
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

/// The context, as one run of a job sees it; not to be kept beyond the run.
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

  /// The context's name.
  std::string_view name() const {
    return view(host_->context_name(run_));
  }

  /// A setting that the context was created with, by its dotted path.
  std::optional<std::string> setting(std::string_view path) const {
    auto x = host_->setting(run_, {path.data(), path.size()});
    if (!x.data)
      return std::nullopt;
    return std::string(x.data, x.size);
  }

  // -- stopping ---------------------------------------------------------------

  /// Whether the job was killed, or its context is being stopped. Costs as much
  /// as reading a variable: long loops ask often.
  bool stop_requested() const noexcept {
    return __atomic_load_n(stop_, __ATOMIC_RELAXED) != 0;
  }

  /// @throws stopped if `stop_requested()`
  void check_stop() const {
    if (stop_requested())
      throw stopped();
  }

  /// Sleeps that long. @throws stopped as soon as the job is to stop
  void sleep_for(std::chrono::milliseconds time) const {
    if (host_->wait_stop(run_, time.count()) != 0)
      throw stopped();
  }

  // -- telling ----------------------------------------------------------------

  /// Says how far the job is. Cheap: of many only a few a second are sent.
  void progress(std::int64_t done, std::int64_t total,
                std::string_view text = {}) const {
    host_->progress(run_, done, total, {text.data(), text.size()});
  }

  /// Writes a line to the context's log.
  void log(hearth::level how, std::string_view text) const {
    host_->log(run_, static_cast<int>(how), {text.data(), text.size()});
  }

  // -- sharing ----------------------------------------------------------------

  named_objects objects() const {
    return {host_, run_};
  }

  // -- threads ----------------------------------------------------------------

  /// Threads of the context's pool: its setting `num-cpu-cores`.
  unsigned pool_size() const {
    return host_->pool_size(run_);
  }

  /// Runs `work` on the pool. It must not throw, must not wait for other work
  /// of the pool, and must be done before the job returns.
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
  /// takes part. The first exception ends it and is thrown here.
  /// @throws stopped if the job is killed meanwhile
  template <class Body>
  void parallel_for(std::size_t count, Body&& body) const {
    parallel_ranges(count, [&](std::size_t begin, std::size_t end) {
      // Pieces may be large, and a kill waits for them.
      for (auto i = begin; i < end && !stop_requested(); ++i)
        body(i);
    });
  }

  /// As `parallel_for`, but calls `body(begin, end)` for pieces of the range.
  /// One that takes long asks `stop_requested` itself.
  template <class Body>
  void parallel_ranges(std::size_t count, Body&& body) const {
    detail::parallel(*this, count, std::forward<Body>(body));
    check_stop();
  }

  /// Joins what `part(begin, end)` returns for pieces of the range with
  /// `join(T, T)`, in no certain order.
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
