/// A request becomes a short-lived actor that asks one of the server's actors
/// and answers from its own thread.
#pragma once

#include <utility>

#include <caf/actor_clock.hpp>
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
  auto run
    = [x = std::move(x), send = std::move(send), render = std::move(render),
       what](caf::event_based_actor* self) mutable {
        try {
          // CAF keeps the deadline of an answered request, and with it this
          // actor.
          auto leave
            = [self] { self->home_system().clock().cancel_timeouts(self); };
          send(self).then(
            [x, render, leave](const Result& result) {
              leave();
              try {
                x->answer(render(result));
              } catch (...) {
                x->answer(failure_of_exception());
              }
            },
            [x, what, leave](const caf::error& err) {
              leave();
              x->answer(failure(err, what));
            });
        } catch (...) {
          x->answer(failure_of_exception());
        }
      };
  e.system.spawn(std::move(run));
}

} // namespace hearth::http
