/// A request is the task of a pooled actor, which asks one of the server's
/// actors and answers from its own thread.
#pragma once

#include <utility>

#include <caf/event_based_actor.hpp>

#include "http/actor_pool.hpp"
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
       what, pool = e.pool](caf::event_based_actor* self) mutable {
        auto back = [self, pool] { pool->give_back(self); };
        try {
          send(self).then(
            [x, render, back](const Result& result) {
              back();
              try {
                x->answer(render(result));
              } catch (...) {
                x->answer(failure_of_exception());
              }
            },
            [x, what, self, pool](const caf::error& err) {
              // Whom it asked may hold its request for longer than it waits.
              pool->retire(self);
              x->answer(failure(err, what));
            });
        } catch (...) {
          back();
          x->answer(failure_of_exception());
        }
      };
  e.pool->run(e.system, {std::move(run)});
}

} // namespace hearth::http
