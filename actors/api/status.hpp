/// Helpers with which every long-lived actor answers the message `status`.
/// Their answers make up `/admin/actors`, and `/healthz` depends on them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"

namespace hearth {

/// The state that is shown for an actor that did not answer in time.
inline constexpr const char* status_silent = "does not answer";

/// The state that is shown for an actor that has ended, or that failed and is
/// being restarted.
inline constexpr const char* status_ended = "has ended";

/// Returns which of these two states follows from the error of a request for a
/// status.
inline const char* status_without_answer(const caf::error& x) {
  return x == caf::sec::request_timeout ? status_silent : status_ended;
}

/// An actor below another one.
struct status_child {
  template <class Handle>
  status_child(Handle x, std::string name = "unknown")
    : actor(std::move(x)), name(std::move(name)) {}

  status_actor actor;
  std::string name; ///< shown in its line if it does not answer
};

/// How long an actor waits for those below it.
inline constexpr std::chrono::seconds status_deadline{1};

/// Returns the line about `self`.
template <class Self>
actor_status own_status(Self* self, std::string name, std::string subject,
                        std::string state, std::uint64_t parent, millis since) {
  return {self->id(),
          parent,
          std::move(name),
          std::move(subject),
          std::move(state),
          self->mailbox().size(),
          since};
}

/// Asks all children, and answers with the line about `self` and then those of
/// the children. A child that does not answer has a line that says so.
template <class Self>
caf::result<std::vector<actor_status>>
gather_status(Self* self, actor_status own,
              const std::vector<status_child>& children) {
  auto promise
    = self->template make_response_promise<std::vector<actor_status>>();
  struct pending {
    std::vector<actor_status> lines;
    std::size_t open;
  };
  auto parent = own.id;
  auto state = std::make_shared<pending>();
  state->lines.push_back(std::move(own));
  state->open = children.size();
  auto done = [state, promise]() mutable {
    if (--state->open == 0)
      promise.deliver(std::move(state->lines));
  };
  if (children.empty()) {
    promise.deliver(std::move(state->lines));
    return promise;
  }
  for (auto& child : children) {
    self->request(child.actor, status_deadline, atom::status_v)
      .then(
        [state, done](std::vector<actor_status>& lines) mutable {
          for (auto& line : lines)
            state->lines.push_back(std::move(line));
          done();
        },
        [state, done, parent, id = child.actor.id(),
         name = child.name](caf::error& e) mutable {
          state->lines.push_back(
            {id, parent, name, "", status_without_answer(e), 0, 0});
          done();
        });
  }
  return promise;
}

/// Does the same for children without names.
template <class Self>
caf::result<std::vector<actor_status>>
gather_status(Self* self, actor_status own,
              const std::vector<status_actor>& children) {
  return gather_status(
    self, std::move(own),
    std::vector<status_child>(children.begin(), children.end()));
}

} // namespace hearth
