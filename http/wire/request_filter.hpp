/// What RESTinio calls for each request that `intake` has let through.
#pragma once

#include <memory>

#include <restinio/request_handler.hpp>

#include "http/core/reply.hpp"
#include "http/routes/route_env.hpp"
#include "http/wire/exchanges.hpp"

namespace hearth::http {

/// Refuses requests while there are too many of them or the server stops, and
/// hands the others to their routes. On the io_context's thread alone.
class request_filter {
public:
  request_filter(route_env e, std::shared_ptr<exchanges> x)
    : env_(std::move(e)), exchanges_(std::move(x)) {
    env_.helpers = std::make_shared<workers>();
  }

  /// Drops what the helpers have not begun, and the lists that were not read:
  /// nobody waits for them any more.
  void stop_helpers() {
    env_.long_lists->close();
    env_.helpers->close();
  }

  /// Refuses what comes in from now on.
  void stop() noexcept {
    stopping_ = true;
  }

  /// Lets go of all actors; connections may still be there.
  void detach();

  restinio::request_handling_status_t
  handle(const restinio::request_handle_t& req);

private:
  route_env env_;
  std::shared_ptr<exchanges> exchanges_;
  /// Made once: it has to cost next to nothing.
  const response busy_ = failure(
    ec::overloaded, {"too many requests are being worked on", {}, {}, {}});
  bool stopping_ = false;
  bool detached_ = false;
};

} // namespace hearth::http
