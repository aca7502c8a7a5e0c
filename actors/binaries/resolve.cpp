// Taking binaries into use: from the registry, from a path on this machine, or
// from other servers.

#include <charconv>
#include <utility>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/binaries/binaries.hpp"
#include "actors/binaries/dependencies.hpp"

namespace hearth {

namespace {

/// Decodes the escapes of a URI. A `%` that begins none stands for itself.
std::string decoded(std::string_view uri) {
  std::string result;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    unsigned byte = 0;
    auto escape = uri.substr(i, 3);
    auto* end = escape.data() + escape.size();
    if (escape.size() == 3 && escape[0] == '%'
        && std::from_chars(escape.data() + 1, end, byte, 16).ptr == end
        && byte != 0) {
      result += static_cast<char>(byte);
      i += 2;
    } else {
      result += uri[i];
    }
  }
  return result;
}

/// The path of a `file:` or `local:` URI; "" if it is none.
std::string local_path(const std::string& uri) {
  for (std::string_view scheme : {"file:", "local:"}) {
    std::string_view rest = uri;
    if (!rest.starts_with(scheme))
      continue;
    rest.remove_prefix(scheme.size());
    while (rest.size() > 1 && rest[0] == '/' && rest[1] == '/')
      rest.remove_prefix(1);
    return decoded(rest);
  }
  return {};
}

caf::error not_found(const resolve_request& request, const std::string& name) {
  return make_error(ec::binary_not_found,
                    (request.by_app_name ? "appName " : "classPath ") + name
                      + " not found");
}

caf::error unknown_scheme(const std::string& scheme) {
  return make_error(ec::malformed_url,
                    problem{"unknown protocol: " + scheme,
                            "java.net.MalformedURLException", "", ""});
}

} // namespace

resolved_binaries resolution::joined() const {
  resolved_binaries result;
  for (auto& part : parts)
    result.refs.insert(result.refs.end(), part.begin(), part.end());
  return result;
}

caf::result<resolved_binaries>
binaries_state::resolve(const resolve_request& request) {
  if (!request.known.empty())
    return take_again(request);
  auto all = std::make_shared<resolution>();
  all->request = request;
  all->parts.resize(request.names.size());
  std::vector<std::pair<std::size_t, std::string>> local;
  std::vector<std::size_t> remote;
  binary_user user;
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    auto& name = request.names[i];
    auto scheme = name.substr(0, name.find(':'));
    auto version = registry->newest(name);
    if (version && take(version, request, user))
      all->parts[i].push_back(version->ref);
    else if (auto path = local_path(name); !path.empty())
      local.emplace_back(i, std::move(path));
    else if (scheme == name)
      return not_found(request, name);
    else if (is_remote(scheme))
      remote.push_back(i);
    else
      return unknown_scheme(scheme);
  }
  enter(request.user, std::move(user));
  all->open = local.size() + remote.size();
  if (all->open == 0)
    return all->joined();
  all->promise = self->make_response_promise<resolved_binaries>();
  for (auto& [i, path] : local)
    look_at(all, i, path);
  for (auto i : remote)
    fetch(all, i);
  return all->promise;
}

/// @returns false if the version is being removed
bool binaries_state::take(const binary_version_ptr& version,
                          const resolve_request& request, binary_user& user) {
  if (!request.for_context && !request.user.empty())
    return user.lease.add(version, request.user);
  if (version->is_closed())
    return false;
  if (request.for_context)
    user.versions.push_back(version);
  return true;
}

/// Takes the binaries of a job of an earlier server into use again, even if
/// they were replaced.
resolved_binaries binaries_state::take_again(const resolve_request& request) {
  binary_user user;
  for (auto& ref : request.known) {
    if (auto version = registry->find(ref.name, ref.digest)) {
      version->from_store = false;
      take(version, request, user);
    }
    user.fetched.push_back(ref.path);
  }
  enter(request.user, std::move(user));
  return {request.known};
}

void binaries_state::look_at(const resolution_ptr& all, std::size_t part,
                             const std::string& path) {
  auto& name = all->request.names[part];
  self->request(local_files, resolve_deadline, atom::get_v, name, path)
    .then(
      [=, this](resolved_binaries& found) {
        if (found.refs.empty())
          failed(all, not_found(all->request, all->request.names[part]));
        else
          resolved(all, part, std::move(found.refs));
      },
      [=, this](caf::error& e) { failed(all, std::move(e)); });
}

void binaries_state::fetch(const resolution_ptr& all, std::size_t part) {
  self
    ->request(dependencies, resolve_deadline, atom::resolve_v,
              all->request.names[part], fetched_in_use())
    .then(
      [=, this](resolved_binaries& found) {
        // The job or context for which it was fetched may have ended meanwhile.
        if (auto i = users.find(all->request.user); i != users.end())
          for (auto& ref : found.refs)
            i->second.fetched.push_back(ref.path);
        resolved(all, part, std::move(found.refs));
      },
      [=, this](caf::error& e) { failed(all, std::move(e)); });
}

void binaries_state::resolved(const resolution_ptr& all, std::size_t part,
                              std::vector<protocol::binary_ref> refs) {
  all->parts[part] = std::move(refs);
  if (--all->open == 0 && !all->failed)
    all->promise.deliver(all->joined());
}

void binaries_state::failed(const resolution_ptr& all, caf::error why) {
  if (std::exchange(all->failed, true))
    return;
  release(all->request.user);
  all->promise.deliver(std::move(why));
}

/// A user without an id only wants to know whether the binaries exist.
void binaries_state::enter(const std::string& id, binary_user user) {
  if (id.empty())
    return;
  if (users.contains(id))
    release(id);
  for (auto& version : user.versions)
    ++version->contexts;
  users.insert_or_assign(id, std::move(user));
}

void binaries_state::release(const std::string& user) {
  // A job that took its binaries from the registry is not in `users`. It sends
  // `release` only if one of them was replaced, or if its memory has to be
  // freed.
  auto owner_looks = true;
  if (auto node = users.extract(user)) {
    for (auto& version : node.mapped().versions)
      --version->contexts;
    owner_looks = node.mapped().lease.release();
  }
  if (owner_looks)
    registry->free_what_left();
  remove_unused();
}

std::vector<std::string> binaries_state::fetched_in_use() const {
  std::vector<std::string> result;
  for (auto& [id, user] : users)
    result.insert(result.end(), user.fetched.begin(), user.fetched.end());
  return result;
}

} // namespace hearth
