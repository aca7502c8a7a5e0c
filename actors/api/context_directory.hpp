/// Directory of live contexts, so that a route can send a job straight to its
/// context.
///
/// Asking the supervisor each time would add a thirtieth to the cost of a small
/// job. The directory also shows whether all slots of a context are taken. A
/// route can then refuse a job without asking an actor, and the cheaper a
/// refusal, the larger a flood the server can turn away without slowing the
/// jobs that it has accepted.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "actors/api/interfaces.hpp"

namespace hearth {

/// Counts the slots of one context that are taken. Only the context takes
/// slots; its jobs give them back themselves. Thread-safe.
class slot_gauge {
public:
  /// @param limit a job that may not be queued is refused if that many slots
  ///        are taken; 0 if only the context itself can decide that
  void refuse_at(std::size_t limit) noexcept {
    limit_ = limit;
  }

  /// Returns how many jobs run in the context if it is full and refuses the
  /// next job; 0 if the context has to be asked.
  std::size_t running_if_full() const noexcept {
    auto limit = limit_.load();
    auto running = taken_.load();
    return limit > 0 && running >= limit ? running : 0;
  }

  std::size_t taken() const noexcept {
    return taken_;
  }

private:
  friend class job_slot;

  std::atomic<std::size_t> limit_ = 0;
  std::atomic<std::size_t> taken_ = 0;
};

/// The slot of one job, which the job holds or not. The context takes it for
/// the job. The job gives it back before it tells anyone of its end, so that
/// whoever learns of the end finds the slot free. If the job's actor died, the
/// context gives it back. Thread-safe.
class job_slot {
public:
  explicit job_slot(std::shared_ptr<slot_gauge> gauge)
    : gauge_(std::move(gauge)) {
    // nop
  }

  void take() noexcept {
    if (!held_.exchange(true))
      ++gauge_->taken_;
  }

  /// Gives the slot back if it is held.
  void release() noexcept {
    if (held_.exchange(false))
      --gauge_->taken_;
  }

  bool held() const noexcept {
    return held_;
  }

private:
  const std::shared_ptr<slot_gauge> gauge_;
  std::atomic<bool> held_ = false;
};

/// Maps the names of live contexts to their actors. The supervisor keeps it up
/// to date. Thread-safe.
class context_directory {
public:
  struct entry {
    context_actor actor;
    std::shared_ptr<const slot_gauge> slots;
  };

  /// Returns the context of that name; nothing if the supervisor has to be
  /// asked.
  std::optional<entry> find(const std::string& name) const;

  void put(const std::string& name, entry context);
  void erase(const std::string& name);
  void clear();

private:
  mutable std::mutex mutex_; ///< never held for long
  std::map<std::string, entry> entries_;
};

/// Returns the message for a client whose job finds no free slot.
std::string no_slot_text(const std::string& context, std::size_t running);

} // namespace hearth
