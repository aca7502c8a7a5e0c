/// Helpers with which every long-lived actor answers the message `status`.
/// Their answers make up `/admin/actors`, and `/healthz` depends on them.
#pragma once

#include <cstddef>
#include <iterator>
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

/// The state of an actor that answers, but has lost what it works with, such as
/// its database. Requests that need it fail.
inline constexpr const char* status_lost = "lost";

/// Returns which of the first two states follows from the error of a request
/// for a status.
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

/// How many children are asked at a time: a context may have thousands, and
/// who asks them all in one turn keeps everybody else waiting.
inline constexpr std::size_t statuses_at_once = 64;

/// Asks children for their status, one after the other answers.
template <class Self>
class status_gathering
  : public std::enable_shared_from_this<status_gathering<Self>> {
public:
  using lines = std::vector<actor_status>;
  using promise = caf::typed_response_promise<lines>;

  status_gathering(Self* self, actor_status own,
                   std::vector<status_child> children, promise answer)
    : self_(self), parent_(own.id), children_(std::move(children)),
      answer_(std::move(answer)) {
    lines_.push_back(std::move(own));
  }

  void start() {
    if (children_.empty())
      answer_.deliver(std::move(lines_));
    for (std::size_t i = 0; i < statuses_at_once; ++i)
      ask_next();
  }

private:
  void ask_next() {
    if (next_ == children_.size())
      return;
    auto number = next_++;
    auto me = this->shared_from_this();
    self_->request(children_[number].actor, status_deadline, atom::status_v)
      .then([me](lines& answer) { me->add(std::move(answer)); },
            [me, number](const caf::error& why) { me->miss(number, why); });
  }

  void add(lines&& answer) {
    lines_.insert(lines_.end(), std::make_move_iterator(answer.begin()),
                  std::make_move_iterator(answer.end()));
    finish_one();
  }

  void miss(std::size_t number, const caf::error& why) {
    auto& child = children_[number];
    lines_.push_back({child.actor.id(), parent_, child.name, "",
                      status_without_answer(why), 0, 0});
    finish_one();
  }

  void finish_one() {
    if (++answered_ == children_.size())
      answer_.deliver(std::move(lines_));
    else
      ask_next();
  }

  Self* self_;
  std::uint64_t parent_;
  std::vector<status_child> children_;
  promise answer_;
  lines lines_;
  std::size_t next_ = 0; ///< of the children, to be asked
  std::size_t answered_ = 0;
};

/// The line about `self`, then those of its children. A child that does not
/// answer has a line that says so.
template <class Self>
caf::result<std::vector<actor_status>>
gather_status(Self* self, actor_status own,
              std::vector<status_child> children) {
  auto promise
    = self->template make_response_promise<std::vector<actor_status>>();
  std::make_shared<status_gathering<Self>>(self, std::move(own),
                                           std::move(children), promise)
    ->start();
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
