/// What a context knows of its jobs and of the requests that wait for it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <caf/actor_clock.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/context_directory.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "actors/contexts/waiting.hpp"

namespace hearth {

/// A job of a context, from its start until its actor has ended.
struct child_job {
  job_actor actor;
  std::shared_ptr<job_slot> slot;
  bool had_slot = false;
  std::optional<slot_queue::place> place; ///< in the queue for a slot
  /// An earlier server sent it to the context's process, or was about to. Only
  /// that process knows whether it arrived.
  bool maybe_there = false;
  std::string main_class = {}; ///< for its record, if its actor dies
  millis start_time = 0;       ///< likewise

  /// Whether it waits for a slot.
  bool waits() const noexcept {
    return place && !maybe_there;
  }
};

/// A request for a job that waits for its context to come back.
struct arrival {
  job_request request;
  caf::typed_response_promise<job_record> client;
  caf::actor_clock::time_point since{}; ///< when it arrived
};

} // namespace hearth
