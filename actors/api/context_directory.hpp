/// The live contexts, for who has a job for one of them.
///
/// A message to the supervisor, which passes it on, is a thirtieth of what a
/// small job costs its server; and what a refusal costs bounds how much of a
/// flood of jobs can be refused without those suffering that were let in. So
/// who has a job asks its context directly, and not at all if that would refuse
/// it for want of a slot.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "actors/api/interfaces.hpp"

namespace hearth {

/// What a context lets others see of its slots. Thread-safe.
class slot_gauge {
public:
  /// @param running 0: ask the context itself; else so many jobs run, and
  ///        one that comes and may not be queued would be refused for that
  void show_full(std::size_t running) noexcept {
    running_if_full_ = running;
  }

  std::size_t running_if_full() const noexcept {
    return leaving_ > 0 ? 0 : running_if_full_.load();
  }

  /// A job has ended and tells its context. Whoever learns of that end, and
  /// comes at once with the next job, is not to be refused for that message is
  /// still under way.
  void begin_release() noexcept {
    ++leaving_;
  }

  /// The context has heard of it, and shown what follows from it.
  void end_release() noexcept {
    --leaving_;
  }

private:
  std::atomic<std::size_t> running_if_full_ = 0;
  std::atomic<std::size_t> leaving_ = 0;
};

/// Kept by the supervisor. Thread-safe.
class context_directory {
public:
  struct entry {
    context_actor actor;
    std::shared_ptr<const slot_gauge> slots;
  };

  /// Nothing if the supervisor is to be asked.
  std::optional<entry> find(const std::string& name) const;

  void put(const std::string& name, entry x);
  void erase(const std::string& name);
  void clear();

private:
  mutable std::mutex mutex_; ///< never held for long
  std::map<std::string, entry> entries_;
};

/// What somebody is told whose job finds no slot.
std::string no_slot_text(const std::string& context, std::size_t running);

} // namespace hearth
