/// How every long-lived actor answers `status`.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"

namespace hearth {

/// How long an actor waits for those below it.
inline constexpr std::chrono::seconds status_deadline{1};

/// The line about `self` alone.
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

/// The line about `self`, then those of its children. A child that does not
/// answer in time is shown as such, which is the very thing to know of it.
template <class Self>
caf::result<std::vector<actor_status>>
gather_status(Self* self, actor_status own,
              const std::vector<status_actor>& children) {
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
    self->request(child, status_deadline, atom::status_v)
      .then(
        [state, done](std::vector<actor_status>& lines) mutable {
          for (auto& line : lines)
            state->lines.push_back(std::move(line));
          done();
        },
        [state, done, parent, id = child.id()](caf::error&) mutable {
          state->lines.push_back(
            {id, parent, "unknown", "", "does not answer", 0, 0});
          done();
        });
  }
  return promise;
}

} // namespace hearth
