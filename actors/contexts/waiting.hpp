/// Plain classes for everything that waits in a context: jobs that wait for a
/// slot, jobs that wait for the context to come back, jobs of an earlier server
/// that wait for their agent, and timers. `context_actor_state` owns them.
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

/// Jobs that wait for a slot, ordered by priority and then by arrival.
class slot_queue {
public:
  using place = std::pair<std::int64_t, std::uint64_t>;

  /// @param priority jobs with a higher one go first
  place add(std::int32_t priority, std::string job) {
    place result{-std::int64_t{priority}, ++arrivals_};
    jobs_.emplace(result, std::move(job));
    return result;
  }

  void remove(const place& where) {
    jobs_.erase(where);
  }

  bool empty() const noexcept {
    return jobs_.empty();
  }

  std::size_t size() const noexcept {
    return jobs_.size();
  }

  /// Returns the job whose turn it is. The queue must not be empty.
  const std::string& next() const {
    return jobs_.begin()->second;
  }

private:
  std::map<place, std::string> jobs_;
  std::uint64_t arrivals_ = 0;
};

/// Requests that arrived while a context was between two processes, in the
/// order of their arrival.
template <class Request>
class arrivals_during_restart {
public:
  /// @returns the number of the request, for `take`
  std::uint64_t add(Request request) {
    requests_.emplace(++last_, std::move(request));
    return last_;
  }

  /// Removes and returns a request; nothing if it was taken already.
  std::optional<Request> take(std::uint64_t number) {
    auto i = requests_.find(number);
    if (i == requests_.end())
      return std::nullopt;
    std::optional result{std::move(i->second)};
    requests_.erase(i);
    return result;
  }

  /// Removes and returns all requests.
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
/// the requests that wait until it has.
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

  /// Removes and returns all jobs. The caller gives each of them an actor.
  std::vector<job_record> take() {
    return std::exchange(jobs_, {});
  }

  /// Keeps `request` until `claimed` is called.
  /// @param otherwise is called instead if `abandon` is called first
  void after_claim(
    std::function<void()> request, std::function<void()> otherwise = [] {}) {
    after_claim_.emplace_back(std::move(request), std::move(otherwise));
  }

  /// Call it when the jobs that `take` returned have their actors.
  void claimed() {
    for (auto& [request, otherwise] : std::exchange(after_claim_, {}))
      request();
  }

  /// Call it when the agent will never report the jobs.
  void abandon() {
    for (auto& [request, otherwise] : std::exchange(after_claim_, {}))
      otherwise();
  }

private:
  std::vector<job_record> jobs_;
  std::vector<std::pair<std::function<void()>, std::function<void()>>>
    after_claim_;
};

/// Distinguishes the timer that was armed last from earlier ones, which still
/// send their messages.
class timer_number {
public:
  /// Returns the number of a new timer. Earlier timers do not count any more.
  std::uint64_t arm() noexcept {
    return ++last_;
  }

  /// No timer that was armed before counts any more.
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
  timer_number init;       ///< until then the process has to be ready
  timer_number step;       ///< then the next step of ending the process is due
  timer_number redial;     ///< until then the agent has to be back
  timer_number pause;      ///< then the next process may start
  timer_number idle;       ///< until then a job has to arrive
  timer_number lifetime;   ///< then the process has to end
  timer_number last_words; ///< until then an ended process's link has to close
};

} // namespace hearth
