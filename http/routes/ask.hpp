/// A request is the task of a pooled actor, which asks one of the server's
/// actors and answers from its own thread.
#pragma once

#include <utility>

#include <caf/event_based_actor.hpp>

#include "http/core/reply.hpp"
#include "http/routes/actor_pool.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// Asks and answers, exactly once whatever happens.
/// @tparam Result what the asked actor replies with
/// @param send `self -> response_handle`: sends the request with a deadline.
///        Runs on an actor's thread, so it may parse a body; what it throws
///        is answered
/// @param render `const Result& -> response`
/// @param fail `const caf::error& -> response`
template <class Result, class Send, class Render, class Fail>
void ask(const route_env& e, exchange_ptr x, Send send, Render render,
         Fail fail) {
  auto run = [x = std::move(x), send = std::move(send),
              render = std::move(render), fail = std::move(fail),
              pool = e.pool](caf::event_based_actor* self) mutable {
    auto back = [self, pool] { pool->give_back(self); };
    try {
      send(self).then(
        [x, render = std::move(render), back](const Result& result) {
          back();
          try {
            x->answer(render(result));
          } catch (...) {
            x->answer(failure_of_exception());
          }
        },
        [x, fail = std::move(fail), self, pool](const caf::error& err) {
          // Whom it asked may hold its request for longer than it waits.
          pool->retire(self);
          x->answer(fail(err));
        });
    } catch (...) {
      back();
      x->answer(failure_of_exception());
    }
  };
  e.pool->run(e.system, {std::move(run)});
}

/// The same, for what fails as every request about that does.
template <class Result, class Send, class Render>
void ask(const route_env& e, exchange_ptr x, Send send, Render render,
         about what = about::job) {
  ask<Result>(e, std::move(x), std::move(send), std::move(render),
              [what](const caf::error& err) { return failure(err, what); });
}

} // namespace hearth::http
