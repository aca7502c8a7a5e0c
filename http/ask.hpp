/// A request becomes a short-lived actor that asks one of the server's actors
/// and answers from its own thread.
#pragma once

#include <utility>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include "http/edge.hpp"
#include "http/reply.hpp"

namespace hearth::http {

/// Asks and answers, exactly once whatever happens.
/// @tparam Result what the asked actor replies with
/// @param send `self -> response_handle`: sends the request with a deadline.
///        Runs on an actor's thread, so it may parse a body; what it throws
///        is answered
/// @param render `const Result& -> response`
/// @param what decides on the headline of some errors
template <class Result, class Send, class Render>
void ask(const edge& e, exchange_ptr x, Send send, Render render,
         about what = about::job) {
  auto run = [x = std::move(x), send = std::move(send),
              render = std::move(render),
              what](caf::event_based_actor* self) mutable {
    try {
      send(self).then(
        [x, render](const Result& result) {
          try {
            x->answer(render(result));
          } catch (...) {
            x->answer(failure_of_exception());
          }
        },
        [x, what](const caf::error& err) { x->answer(failure(err, what)); });
    } catch (...) {
      x->answer(failure_of_exception());
    }
  };
  e.system.spawn(std::move(run));
}

} // namespace hearth::http
