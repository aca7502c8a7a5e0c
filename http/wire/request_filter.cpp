#include "http/wire/request_filter.hpp"

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
  auto x = exchanges_->admit(req);
  if (busy && !is_health(x->in))
    x->answer(busy_);
  else if (stopping_)
    x->answer(
      failure(ec::shutting_down, {"the server is shutting down", {}, {}, {}}));
  else
    dispatch(env_, x);
  return restinio::request_accepted();
}

} // namespace hearth::http
