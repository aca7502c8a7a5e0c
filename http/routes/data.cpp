#include "actors/api/messages.hpp"
#include "http/core/json.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

void list_data(const route_env& e, const exchange_ptr& call) {
  ask<std::vector<std::string>>(
    e, call,
    [data = e.actors.data, wait = e.wait.lookup](auto* self) {
      return self->request(data, wait, atom::list_v);
    },
    [](const std::vector<std::string>& paths) {
      return with_json(json::names(paths));
    });
}

void post_data(const route_env& e, const exchange_ptr& call) {
  data_upload upload{checked_name(call->in.path[1]), call->in.shared_body};
  ask<std::string>(
    e, call,
    [=, data = e.actors.data, wait = e.wait.upload](auto* self) {
      return self->request(data, wait, atom::put_v, upload);
    },
    [](const std::string& path) { return with_json(json::data_stored(path)); });
}

void delete_data(const route_env& e, const exchange_ptr& call) {
  // A whole path in one segment: the actor knows which are its own.
  ask<atom::ok>(
    e, call,
    [path = call->in.path[1], data = e.actors.data, wait = e.wait.lookup](
      auto* self) { return self->request(data, wait, atom::erase_v, path); },
    [](atom::ok) { return success(); });
}

void reset_data(const route_env& e, const exchange_ptr& call) {
  require_reboot(call->in.query);
  ask<atom::ok>(
    e, call,
    [data = e.actors.data, wait = e.wait.upload](auto* self) {
      return self->request(data, wait, atom::erase_all_v);
    },
    [](atom::ok) { return success("Data reset"); });
}

} // namespace hearth::http
