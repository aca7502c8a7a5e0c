/// Asks one of the server's actors for a route, and answers with its reply.
/// Most routes do only that. An actor of the pool sends the request.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <caf/event_based_actor.hpp>

#include "actors/api/messages.hpp"
#include "base/loop_watch.hpp"
#include "http/core/reply.hpp"
#include "http/routes/actor_pool.hpp"
#include "http/routes/route_env.hpp"
#include "store/records.hpp"

namespace hearth::http {

/// Whether rendering a result takes long, because it has `large_list` entries
/// or `large_text` bytes. There is an overload for each type that may be large;
/// any other type is small.
template <class T>
bool is_large(const T&) noexcept {
  return false;
}
template <class T>
bool is_large(const std::vector<T>& list) noexcept {
  return list.size() >= large_list;
}
inline bool is_large(const listed_binaries& list) noexcept {
  return list.records.size() >= large_list;
}
inline bool is_large(const std::string& text) noexcept {
  return text.size() >= large_text;
}
inline bool is_large(const job_record& job) noexcept {
  return job.result.size() >= large_text;
}
inline bool is_large(const state_history& history) noexcept {
  return history.entries.size() >= large_list;
}

/// Runs work that takes long on a helper's thread, or here if there are no
/// helpers.
/// @param what the name under which `note_large_work` counts it
/// @param work if it throws, the exception makes the answer
template <class Work>
void run_large(const std::shared_ptr<workers>& helpers,
               const exchange_ptr& call, const char* what, Work work) {
  auto run = [call, what, work = std::move(work)]() mutable {
    note_large_work(what);
    try {
      work();
    } catch (...) {
      call->answer(failure_of_exception());
    }
  };
  if (!helpers)
    return run();
  // std::function wants to be copied.
  auto shared = std::make_shared<decltype(run)>(std::move(run));
  helpers->run([shared] { (*shared)(); });
}

/// Renders the result and answers. A large result is rendered on a helper's
/// thread, so that it keeps nothing else waiting.
template <class Result, class Render>
void answer_with(const std::shared_ptr<workers>& helpers,
                 const exchange_ptr& call, Result& result,
                 const Render& render) {
  if (!is_large(result)) {
    try {
      call->answer(render(std::move(result)));
    } catch (...) {
      call->answer(failure_of_exception());
    }
    return;
  }
  run_large(helpers, call, "render an answer",
            [call, render, moved = std::move(result)]() mutable {
              if (!call->client_left())
                call->answer(render(std::move(moved)));
            });
}

/// Asks an actor and answers exactly once, whatever happens.
/// @tparam Result the type of the asked actor's reply
/// @param send `self -> response_handle`: sends the request with a deadline.
///        Runs on an actor's thread; what it throws is the answer
/// @param render `Result&& -> response`; runs on a helper's thread if the
///        result is large
/// @param fail `const caf::error& -> response`
template <class Result, class Send, class Render, class Fail>
void ask(const route_env& e, exchange_ptr call, Send send, Render render,
         Fail fail) {
  auto run = [call = std::move(call), send = std::move(send),
              render = std::move(render), fail = std::move(fail), pool = e.pool,
              helpers = e.helpers](caf::event_based_actor* self) mutable {
    name_work(call->in.route);
    auto back = [self, pool] { pool->give_back(self); };
    try {
      send(self).then(
        [call, render = std::move(render), helpers, back](Result& result) {
          name_work(call->in.route);
          back();
          answer_with(helpers, call, result, render);
        },
        [call, fail = std::move(fail), self, pool](const caf::error& err) {
          // The asked actor may still hold our request after our deadline, so
          // this actor cannot be used again.
          pool->retire(self);
          call->answer(fail(err));
        });
    } catch (...) {
      back();
      call->answer(failure_of_exception());
    }
  };
  e.pool->run(e.system, {std::move(run)});
}

/// Does the same, with the usual answers for errors of requests about `what`.
template <class Result, class Send, class Render>
void ask(const route_env& e, exchange_ptr call, Send send, Render render,
         about what = about::job) {
  ask<Result>(e, std::move(call), std::move(send), std::move(render),
              [what](const caf::error& err) { return failure(err, what); });
}

} // namespace hearth::http
