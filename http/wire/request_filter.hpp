/// The handler that RESTinio calls for each request that `intake` has passed
/// on.
#pragma once

#include <memory>

#include <restinio/request_handler.hpp>

#include "http/core/reply.hpp"
#include "http/routes/route_env.hpp"
#include "http/wire/exchanges.hpp"

namespace hearth::http {

/// Refuses requests while there are too many of them or the server is stopping,
/// and passes the others to their routes. Only the io_context's thread may use
/// it.
class request_filter {
public:
  request_filter(route_env e, std::shared_ptr<exchanges> calls)
    : env_(std::move(e)), exchanges_(std::move(calls)) {
    env_.helpers = std::make_shared<workers>();
  }

  /// Drops the tasks that the helpers have not begun and the lists that were
  /// not read, because nobody waits for them any more.
  void stop_helpers() {
    for (auto* x : {&env_.long_lists, &env_.configurations, &env_.reports})
      (*x)->close();
    env_.helpers->close();
  }

  /// Refuses all requests from now on.
  void stop() noexcept {
    stopping_ = true;
  }

  /// Drops all handles of actors. Connections may still be open.
  void detach();

  restinio::request_handling_status_t
  handle(const restinio::request_handle_t& req);

private:
  route_env env_;
  std::shared_ptr<exchanges> exchanges_;
  /// Made only once, because a refusal has to cost next to nothing.
  const response busy_ = failure(
    ec::overloaded, {"too many requests are being worked on", {}, {}, {}});
  bool stopping_ = false;
  bool detached_ = false;
};

} // namespace hearth::http
