#include "actors/binaries.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <sys/stat.h>
#include <utility>

#include <caf/all.hpp>

#include "actors/dependencies.hpp"
#include "actors/error.hpp"
#include "actors/identity.hpp"
#include "actors/status.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds disk_deadline{120};

using self_ptr = binaries_actor::stateful_pointer<binaries_state>;

struct content_state {
  static inline const char* name = "content";
};

/// Hashes and writes; detached.
content_actor::behavior_type
content(content_actor::stateful_pointer<content_state> self,
        std::shared_ptr<content_files> files, std::uint64_t parent) {
  auto since = now_ms();
  return {
    [=](atom::put, const binary_upload& x) -> caf::result<std::string> {
      try {
        return files->put(x.type, *x.content);
      } catch (const fs::filesystem_error& e) {
        auto full = e.code() == std::errc::no_space_on_device;
        return make_error(full ? ec::storage_full : ec::store_failed,
                          "the binary " + x.name
                            + " could not be stored: " + e.what());
      }
    },
    [=](atom::erase, binary_type type, const std::string& digest) {
      files->erase(type, digest);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{
        own_status(self, "content", "", "open", parent, since)};
    },
  };
}

/// Removes content that no name stands for and nobody uses. While an upload is
/// under way its content may be the very same: then later.
void sweep(self_ptr self) {
  auto& st = self->state;
  if (st.uploads > 0)
    return;
  for (auto& x : st.doomed)
    if (!st.known(x.digest) && !st.held(x.digest))
      self->send(st.content, atom::erase_v, x.type, x.digest);
  st.doomed.clear();
}

/// Forgets the versions of a binary that a newer one replaced and nobody uses.
void prune(self_ptr self, const std::string& name) {
  auto& st = self->state;
  auto i = st.versions.find(name);
  if (i == st.versions.end())
    return;
  auto& all = i->second;
  auto newest = std::prev(all.end());
  auto kept = std::stable_partition(all.begin(), newest,
                                    [&](auto& x) { return st.held(x.digest); });
  for (auto x = kept; x != newest; ++x)
    st.doomed.push_back({name, x->type, x->digest});
  all.erase(kept, newest);
}

void uploaded(self_ptr self, const std::string& name) {
  --self->state.uploads;
  prune(self, name);
  sweep(self);
}

void release(self_ptr self, const std::string& user) {
  auto& st = self->state;
  auto i = st.users.find(user);
  if (i == st.users.end())
    return;
  auto gone = std::move(i->second.binaries);
  st.users.erase(i);
  for (auto& x : gone) {
    prune(self, x.name);
    st.doomed.push_back(std::move(x));
  }
  sweep(self);
}

caf::result<binary_record> put(self_ptr self, const binary_upload& x) {
  auto& st = self->state;
  if (st.versions.count(x.name) == 0
      && st.versions.size() + st.uploads >= st.most)
    return make_error(ec::storage_full,
                      "there are as many binaries as hearth.binaries.max "
                      "allows: "
                        + std::to_string(st.most));
  auto promise = self->make_response_promise<binary_record>();
  binary_record record;
  record.name = x.name;
  record.type = x.type;
  record.size = static_cast<std::int64_t>(x.content->size());
  auto fail = [=](caf::error& e) mutable {
    uploaded(self, {});
    promise.deliver(e);
  };
  ++self->state.uploads;
  self->request(self->state.content, disk_deadline, atom::put_v, x)
    .then(
      [=](std::string& digest) mutable {
        record.digest = std::move(digest);
        record.upload_time = now_ms();
        self->request(self->state.store, disk_deadline, atom::put_v, record)
          .then(
            [=](atom::ok) mutable {
              self->state.versions[record.name].push_back(record);
              uploaded(self, record.name);
              promise.deliver(record);
            },
            fail);
      },
      fail);
  return promise;
}

caf::result<atom::ok> erase(self_ptr self, const std::string& name) {
  auto& st = self->state;
  if (st.versions.count(name) == 0)
    return make_error(ec::binary_not_there,
                      "can't find binary with name " + name);
  auto users = st.jobs_with(name);
  if (!users.empty()) {
    std::string list;
    for (auto& id : users)
      list += (list.empty() ? "" : ", ") + id;
    return make_error(ec::binary_in_use, "Binary is in use by job(s): " + list);
  }
  auto promise = self->make_response_promise<atom::ok>();
  self->request(st.store, disk_deadline, atom::erase_v, name)
    .then(
      [=](atom::ok) mutable {
        auto& st = self->state;
        for (auto& x : st.versions[name])
          st.doomed.push_back({name, x.type, x.digest});
        st.versions.erase(name);
        sweep(self);
        promise.deliver(atom::ok_v);
      },
      [promise](caf::error& e) mutable { promise.deliver(e); });
  return promise;
}

/// A file on the driver's machine as a binary: what tells one state of it from
/// the next is its path, size and time, for reading it whole would block.
/// @returns nothing if there is no such file
std::optional<protocol::binary_ref> from_file(const std::string& name,
                                              const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return std::nullopt;
  auto state = path + '|' + std::to_string(info.st_size) + '|'
               + std::to_string(info.st_mtim.tv_sec) + '.'
               + std::to_string(info.st_mtim.tv_nsec);
  return protocol::binary_ref{name, to_string(type_by_ending(path)),
                              sha256(state), path};
}

/// The path of a `file:` or `local:` URI; "" if it is none.
std::string local_path(const std::string& uri) {
  for (auto scheme : {"file:", "local:"}) {
    std::string_view rest = uri;
    if (rest.substr(0, std::string_view{scheme}.size()) != scheme)
      continue;
    rest.remove_prefix(std::string_view{scheme}.size());
    while (rest.size() > 1 && rest[0] == '/' && rest[1] == '/')
      rest.remove_prefix(1);
    return std::string{rest};
  }
  return {};
}

/// A class path while what lies elsewhere is fetched.
struct resolution {
  std::vector<std::vector<protocol::binary_ref>> parts; ///< one a name
  std::size_t open = 0;
  bool failed = false;

  resolved_binaries joined() const {
    resolved_binaries result;
    for (auto& part : parts)
      result.refs.insert(result.refs.end(), part.begin(), part.end());
    return result;
  }
};

caf::error not_found(const resolve_request& x, const std::string& name) {
  return make_error(ec::binary_not_found,
                    (x.by_app_name ? "appName " : "classPath ") + name
                      + " not found");
}

caf::error unknown_scheme(const std::string& scheme) {
  return make_error(ec::malformed_url,
                    problem{"unknown protocol: " + scheme,
                            "java.net.MalformedURLException", "", ""});
}

/// What an earlier server resolved is in use again.
resolved_binaries keep(binaries_state& st, const resolve_request& x) {
  binary_user user{x.for_context, {}, {}};
  for (auto& [name, versions] : st.versions)
    for (auto& version : versions)
      for (auto& ref : x.known)
        if (ref.digest == version.digest && ref.name == name)
          user.binaries.push_back({name, version.type, version.digest});
  for (auto& ref : x.known)
    user.fetched.push_back(ref.path);
  st.users[x.user] = std::move(user);
  return {x.known};
}

/// What was fetched for somebody is in use, unless he has gone meanwhile.
void use_fetched(binaries_state& st, const std::string& user,
                 const resolved_binaries& found) {
  if (auto i = st.users.find(user); i != st.users.end())
    for (auto& x : found.refs)
      i->second.fetched.push_back(x.path);
}

caf::result<resolved_binaries> resolve(self_ptr self,
                                       const resolve_request& x) {
  auto& st = self->state;
  if (!x.known.empty())
    return keep(st, x);
  auto all = std::make_shared<resolution>();
  std::vector<std::pair<std::size_t, std::string>> remote;
  binary_user user{x.for_context, {}, {}};
  for (auto& name : x.names) {
    auto& part = all->parts.emplace_back();
    auto scheme = name.substr(0, name.find(':'));
    if (auto i = st.versions.find(name); i != st.versions.end()) {
      auto& newest = i->second.back();
      part.push_back({name, to_string(newest.type), newest.digest,
                      st.files->path(newest.type, newest.digest)});
      user.binaries.push_back({name, newest.type, newest.digest});
    } else if (auto path = local_path(name); !path.empty()) {
      auto found = from_file(name, path);
      if (!found)
        return not_found(x, name);
      part.push_back(std::move(*found));
    } else if (is_remote(scheme) && scheme != name) {
      remote.emplace_back(all->parts.size() - 1, name);
    } else if (scheme != name) {
      return unknown_scheme(scheme);
    } else {
      return not_found(x, name);
    }
  }
  if (!x.user.empty())
    st.users[x.user] = std::move(user);
  if (remote.empty())
    return all->joined();
  auto promise = self->make_response_promise<resolved_binaries>();
  all->open = remote.size();
  for (auto& [at, uri] : remote)
    self
      ->request(st.dependencies, resolve_deadline, atom::resolve_v, uri,
                st.fetched())
      .then(
        [=, at = at, user = x.user](resolved_binaries& found) mutable {
          use_fetched(self->state, user, found);
          all->parts[at] = std::move(found.refs);
          if (--all->open == 0 && !all->failed)
            promise.deliver(all->joined());
        },
        [=, user = x.user](caf::error& e) mutable {
          if (std::exchange(all->failed, true))
            return;
          release(self, user);
          promise.deliver(std::move(e));
        });
  return promise;
}

std::vector<binary_record> newest(const binaries_state& st) {
  std::vector<binary_record> result;
  result.reserve(st.versions.size());
  for (auto& [name, versions] : st.versions)
    result.push_back(versions.back());
  return result;
}

} // namespace

std::vector<std::string>
binaries_state::jobs_with(const std::string& name) const {
  std::vector<std::string> result;
  for (auto& [id, user] : users)
    if (!user.is_context
        && std::any_of(user.binaries.begin(), user.binaries.end(),
                       [&](auto& x) { return x.name == name; }))
      result.push_back(id);
  return result;
}

bool binaries_state::held(const std::string& digest) const {
  return std::any_of(users.begin(), users.end(), [&](auto& entry) {
    auto& all = entry.second.binaries;
    return std::any_of(all.begin(), all.end(),
                       [&](auto& x) { return x.digest == digest; });
  });
}

std::vector<std::string> binaries_state::fetched() const {
  std::vector<std::string> result;
  for (auto& [id, user] : users)
    result.insert(result.end(), user.fetched.begin(), user.fetched.end());
  return result;
}

bool binaries_state::known(const std::string& digest) const {
  return std::any_of(versions.begin(), versions.end(), [&](auto& entry) {
    return std::any_of(entry.second.begin(), entry.second.end(),
                       [&](auto& x) { return x.digest == digest; });
  });
}

binaries_actor::behavior_type
binaries(binaries_actor::stateful_pointer<binaries_state> self,
         std::shared_ptr<content_files> files, store_actor store,
         dependencies_actor dependencies, std::vector<binary_record> known,
         std::size_t most) {
  auto& st = self->state;
  st.files = files;
  st.most = most;
  st.store = std::move(store);
  st.dependencies = std::move(dependencies);
  st.content = self->spawn<caf::detached>(content, files, self->id());
  st.since = now_ms();
  for (auto& x : known)
    st.versions[x.name].push_back(std::move(x));
  return {
    [=](atom::put, const binary_upload& x) { return put(self, x); },
    [=](atom::list) { return newest(self->state); },
    [=](atom::get, const std::string& name) -> caf::result<binary_record> {
      auto i = self->state.versions.find(name);
      if (i == self->state.versions.end())
        return make_error(ec::binary_unknown,
                          "Can't find binary with name " + name);
      return i->second.back();
    },
    [=](atom::erase, const std::string& name) { return erase(self, name); },
    [=](atom::resolve, const resolve_request& x) { return resolve(self, x); },
    [=](atom::release, const std::string& user) { release(self, user); },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return gather_status(
        self, own_status(self, "binaries", "", "open", 0, st.since),
        {st.content, st.dependencies});
    },
  };
}

} // namespace hearth
