#include <algorithm>
#include <optional>

#include "actors/api/messages.hpp"
#include "http/core/json.hpp"
#include "http/core/media.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

std::optional<binary_type> type_of(const std::string& media) {
  if (media == "application/java-archive")
    return binary_type::jar;
  if (media == "application/python-egg"
      || media == "application/python-archive")
    return binary_type::egg;
  if (media == "application/python-wheel")
    return binary_type::wheel;
  if (media == "application/x-sharedlib")
    return binary_type::native;
  return std::nullopt;
}

void store(const route_env& e, const exchange_ptr& call, binary_type type,
           response (*done)()) {
  binary_upload upload{checked_name(call->in.path[1]), type,
                       call->in.shared_body};
  ask<binary_record>(
    e, call,
    [=, binaries = e.actors.binaries, wait = e.wait.upload](auto* self) {
      return self->request(binaries, wait, atom::put_v, upload);
    },
    [=](const binary_record&) { return done(); });
}

/// Asks for the newest version of every binary.
void list(const route_env& e, const exchange_ptr& call,
          std::string (*render)(const json::binary_records&)) {
  ask<listed_binaries>(
    e, call,
    [binaries = e.actors.binaries, wait = e.wait.lookup](auto* self) {
      return self->request(binaries, wait, atom::list_v);
    },
    [=](const listed_binaries& list) {
      return with_json(render(list.records));
    });
}

} // namespace

void list_binaries(const route_env& e, const exchange_ptr& call) {
  list(e, call, json::binary_list);
}

void list_jars(const route_env& e, const exchange_ptr& call) {
  list(e, call, json::jar_list);
}

void get_binary(const route_env& e, const exchange_ptr& call) {
  ask<binary_record>(
    e, call,
    [name = checked_name(call->in.path[1]), binaries = e.actors.binaries,
     wait = e.wait.lookup](auto* self) {
      return self->request(binaries, wait, atom::get_v, name);
    },
    [](const binary_record& found) {
      auto result = with_json(json::binary_info(found));
      // So a client need not upload what is there already.
      if (!found.digest.empty())
        result.headers.emplace_back("ETag", '"' + found.digest + '"');
      return result;
    });
}

void post_binary(const route_env& e, const exchange_ptr& call) {
  auto media = media_type(call->in.content_type);
  if (media.empty())
    media = "application/octet-stream";
  auto type = type_of(media);
  if (!type)
    return call->answer(
      failure(ec::binary_type_unsupported,
              {"Unsupported binary type " + media, {}, {}, {}}));
  store(e, call, *type, [] { return success({}, 201); });
}

void post_jar(const route_env& e, const exchange_ptr& call) {
  store(e, call, binary_type::jar, [] { return success("Jar uploaded"); });
}

void delete_binary(const route_env& e, const exchange_ptr& call) {
  ask<atom::ok>(
    e, call,
    [name = checked_name(call->in.path[1]), binaries = e.actors.binaries,
     wait = e.wait.lookup](auto* self) {
      return self->request(binaries, wait, atom::erase_v, name);
    },
    [](atom::ok) { return success(); });
}

} // namespace hearth::http
