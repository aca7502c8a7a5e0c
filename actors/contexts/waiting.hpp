/// The kinds of waiting of one context, as plain classes: jobs that wait for a
/// slot, jobs that wait for the context to come back, jobs of an earlier server
/// that wait for their agent, and timers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/records.hpp"

namespace hearth {

/// Jobs that wait for a slot: by priority, then in the order of their arrival.
class slot_queue {
public:
  using place = std::pair<std::int64_t, std::uint64_t>;

  /// @param priority higher goes first
  place add(std::int32_t priority, std::string job) {
    place result{-std::int64_t{priority}, ++arrivals_};
    jobs_.emplace(result, std::move(job));
    return result;
  }

  void remove(const place& of) {
    jobs_.erase(of);
  }

  bool empty() const noexcept {
    return jobs_.empty();
  }

  std::size_t size() const noexcept {
    return jobs_.size();
  }

  /// The job whose turn it is; there is one.
  const std::string& next() const {
    return jobs_.begin()->second;
  }

private:
  std::map<place, std::string> jobs_;
  std::uint64_t arrivals_ = 0;
};

/// Requests that came while a context was between two processes, in the order
/// of their arrival.
template <class Request>
class arrivals_during_restart {
public:
  /// @returns the number by which `take` finds it
  std::uint64_t add(Request request) {
    requests_.emplace(++last_, std::move(request));
    return last_;
  }

  /// Takes one out; nothing if it is not there any more.
  std::optional<Request> take(std::uint64_t number) {
    auto i = requests_.find(number);
    if (i == requests_.end())
      return std::nullopt;
    std::optional result{std::move(i->second)};
    requests_.erase(i);
    return result;
  }

  /// Takes all out.
  std::vector<Request> take_all() {
    std::vector<Request> result;
    for (auto& [number, request] : std::exchange(requests_, {}))
      result.push_back(std::move(request));
    return result;
  }

  std::size_t size() const noexcept {
    return requests_.size();
  }

private:
  std::map<std::uint64_t, Request> requests_;
  std::uint64_t last_ = 0;
};

/// Jobs of an earlier server that the context's agent has not reported yet, and
/// what is to be done once it has.
class unclaimed_jobs {
public:
  void put(std::vector<job_record> jobs) {
    jobs_ = std::move(jobs);
  }

  bool holds(const std::string& job) const {
    for (const auto& x : jobs_)
      if (x.id == job)
        return true;
    return false;
  }

  /// Takes them out: from now on each has an actor.
  std::vector<job_record> take() {
    return std::exchange(jobs_, {});
  }

  /// @param otherwise called instead if `abandon` is
  void after_claim(
    std::function<void()> request, std::function<void()> otherwise = [] {}) {
    after_claim_.emplace_back(std::move(request), std::move(otherwise));
  }

  /// To be called when those that `take` gave have their actors.
  void claimed() {
    for (auto& [request, otherwise] : std::exchange(after_claim_, {}))
      request();
  }

  /// Nobody will claim them.
  void abandon() {
    for (auto& [request, otherwise] : std::exchange(after_claim_, {}))
      otherwise();
  }

private:
  std::vector<job_record> jobs_;
  std::vector<std::pair<std::function<void()>, std::function<void()>>>
    after_claim_;
};

/// Tells the timer that was armed last from those before it, which go off too.
class timer_number {
public:
  /// The number of a new timer; the ones before it count no more.
  std::uint64_t arm() noexcept {
    return ++last_;
  }

  /// None that is armed counts any more.
  void cancel() noexcept {
    ++last_;
  }

  bool counts(std::uint64_t number) const noexcept {
    return number == last_;
  }

private:
  std::uint64_t last_ = 0;
};

/// The timers of a context.
struct context_timers {
  timer_number init;       ///< its process has to be ready
  timer_number step;       ///< the next step of its end is due
  timer_number redial;     ///< its agent has to be back
  timer_number pause;      ///< its next process may start
  timer_number idle;       ///< a job has to come
  timer_number lifetime;   ///< its process is old enough to be ended
  timer_number last_words; ///< the link of an ended process has to close
};

} // namespace hearth
