#include "http/wire/request_filter.hpp"

#include "base/loop_watch.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

/// Health checks are never refused, because whoever monitors a server under
/// load has to see that it lives.
bool is_health(const request& in) noexcept {
  constexpr std::string_view path = "/healthz";
  auto target = in.raw_target;
  return target.starts_with(path)
         && (target.size() == path.size() || target[path.size()] == '?');
}

/// To give back the memory of such a body takes long, bytes.
constexpr std::size_t large_body = 1024 * 1024;

/// A handle whose last holder, who is often the thread of the sockets, has the
/// request freed by a helper. Its answer has taken the connection out of it by
/// then.
restinio::request_handle_t freed_by(const std::shared_ptr<workers>& helpers,
                                    const restinio::request_handle_t& req) {
  return {req.get(), [req, helpers](auto*) mutable {
            helpers->run([freed = std::move(req)]() mutable {
              note_large_work("free a body");
              freed.reset();
            });
          }};
}

} // namespace

void request_filter::detach() {
  detached_ = true;
  stop_helpers();
  env_.actors = {};
  env_.drivers = nullptr;
  env_.pool->close();
  exchanges_->detach();
}

restinio::request_handling_status_t
request_filter::handle(const restinio::request_handle_t& req) {
  if (detached_)
    return restinio::request_rejected();
  exchanges::in_handler here{*exchanges_};
  auto busy = env_.load->is_busy(admission::clock::now());
  auto is_large = req->body().size() >= large_body;
  auto call = exchanges_->admit(is_large ? freed_by(env_.helpers, req) : req);
  if (busy && !is_health(call->in))
    call->answer(busy_);
  else if (stopping_)
    call->answer(
      failure(ec::shutting_down, {"the server is shutting down", {}, {}, {}}));
  else
    dispatch(env_, call);
  return restinio::request_accepted();
}

} // namespace hearth::http
