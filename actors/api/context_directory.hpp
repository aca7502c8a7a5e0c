/// Directory of live contexts, so that a route can send a job straight to its
/// context.
///
/// The detour over the supervisor would be a thirtieth of what a small job
/// costs its server. A context also shows here that all its slots are taken: a
/// route then refuses a job without asking anybody, and the cheaper a refusal,
/// the larger a flood the server can turn away without slowing the jobs that it
/// has accepted.
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
  /// @param limit a job that finds that many slots taken, and may not be
  ///        queued, is refused; 0: only the context itself knows
  void refuse_at(std::size_t limit) noexcept {
    limit_ = limit;
  }

  /// How many jobs run in a context that refuses the next one for that reason;
  /// 0: the context has to be asked.
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

/// What a job holds of its context's slots: one slot or none. The context takes
/// it for the job; the job gives it back before anybody is told of its end, so
/// that whoever learns of that end finds the slot free. The context gives it
/// back for a job that died. Thread-safe.
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

  /// Gives it back if it was taken.
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

/// The supervisor keeps it up to date. Thread-safe.
class context_directory {
public:
  struct entry {
    context_actor actor;
    std::shared_ptr<const slot_gauge> slots;
  };

  /// The context of that name; nothing if the supervisor has to be asked.
  std::optional<entry> find(const std::string& name) const;

  void put(const std::string& name, entry context);
  void erase(const std::string& name);
  void clear();

private:
  mutable std::mutex mutex_; ///< never held for long
  std::map<std::string, entry> entries_;
};

/// The message of the error for a job that finds no slot.
std::string no_slot_text(const std::string& context, std::size_t running);

} // namespace hearth
