#include "actors/binaries/binaries.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <sys/stat.h>
#include <utility>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "actors/binaries/dependencies.hpp"
#include "base/clock.hpp"
#include "base/digest.hpp"

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
  for (auto& x : std::exchange(st.doomed, {}))
    if (st.shared->use([&](auto& all) {
          return !all.known(x.digest) && !all.held(x.digest);
        }))
      self->send(st.content, atom::erase_v, x.type, x.digest);
}

/// Forgets the versions of a binary that a newer one replaced and nobody uses.
void prune(binary_index& index, const std::string& name,
           std::vector<used_binary>& doomed) {
  auto i = index.versions.find(name);
  if (i == index.versions.end())
    return;
  auto& all = i->second;
  auto newest = std::prev(all.end());
  auto kept = std::stable_partition(
    all.begin(), newest, [&](auto& x) { return index.held(x.digest); });
  for (auto x = kept; x != newest; ++x)
    doomed.push_back({name, x->type, x->digest});
  all.erase(kept, newest);
}

void upload_over(self_ptr self) {
  --self->state.uploads;
  sweep(self);
}

void uploaded(self_ptr self, const binary_record& x) {
  auto& st = self->state;
  st.shared->use([&](auto& index) {
    index.versions[x.name].push_back(x);
    prune(index, x.name, st.doomed);
  });
  upload_over(self);
}

void release(self_ptr self, const std::string& user) {
  auto& st = self->state;
  st.shared->use([&](auto& index) {
    auto node = index.users.extract(user);
    if (!node)
      return;
    for (auto& x : node.mapped().binaries) {
      prune(index, x.name, st.doomed);
      st.doomed.push_back(std::move(x));
    }
  });
  sweep(self);
}

caf::result<binary_record> put(self_ptr self, const binary_upload& x) {
  auto& st = self->state;
  if (st.shared->use([&](auto& index) {
        return index.versions.count(x.name) == 0
               && index.versions.size() + st.uploads >= st.most;
      }))
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
    upload_over(self);
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
              uploaded(self, record);
              promise.deliver(record);
            },
            fail);
      },
      fail);
  return promise;
}

caf::result<atom::ok> erase(self_ptr self, const std::string& name) {
  auto& st = self->state;
  auto there = false;
  std::vector<std::string> users;
  st.shared->use([&](auto& index) {
    there = index.newest(name) != nullptr;
    users = index.jobs_with(name);
  });
  if (!there)
    return make_error(ec::binary_not_there,
                      "can't find binary with name " + name);
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
        st.shared->use([&](auto& index) {
          for (auto& x : index.versions[name])
            st.doomed.push_back({name, x.type, x.digest});
          index.versions.erase(name);
        });
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
resolved_binaries keep(binary_index& index, const resolve_request& x) {
  binary_user user{x.for_context, {}, {}};
  for (auto& [name, versions] : index.versions)
    for (auto& version : versions)
      for (auto& ref : x.known)
        if (ref.digest == version.digest && ref.name == name)
          user.binaries.push_back({name, version.type, version.digest});
  for (auto& ref : x.known)
    user.fetched.push_back(ref.path);
  index.users[x.user] = std::move(user);
  return {x.known};
}

/// What was fetched for somebody is in use, unless he has gone meanwhile.
void use_fetched(binary_index& index, const std::string& user,
                 const resolved_binaries& found) {
  if (auto i = index.users.find(user); i != index.users.end())
    for (auto& x : found.refs)
      i->second.fetched.push_back(x.path);
}

/// Takes into use what lies here.
/// @param remote what does not: where in `all` it belongs, and its URI
caf::error
resolve_here(binaries_state& st, const resolve_request& x, resolution& all,
             std::vector<std::pair<std::size_t, std::string>>& remote) {
  binary_user user{x.for_context, {}, {}};
  for (auto& name : x.names) {
    auto& part = all.parts.emplace_back();
    auto scheme = name.substr(0, name.find(':'));
    // One by one: to look at a file takes longer than others are to wait.
    // Nothing goes in between, for nobody else removes anything.
    auto newest = st.shared->use([&](auto& index) {
      const auto* found = index.newest(name);
      return found ? std::optional{*found} : std::nullopt;
    });
    if (newest) {
      part.push_back(st.shared->ref_of(*newest));
      user.binaries.push_back({name, newest->type, newest->digest});
    } else if (auto path = local_path(name); !path.empty()) {
      auto found = from_file(name, path);
      if (!found)
        return not_found(x, name);
      part.push_back(std::move(*found));
    } else if (is_remote(scheme) && scheme != name) {
      remote.emplace_back(all.parts.size() - 1, name);
    } else if (scheme != name) {
      return unknown_scheme(scheme);
    } else {
      return not_found(x, name);
    }
  }
  if (!x.user.empty())
    st.shared->use([&](auto& index) { index.users[x.user] = std::move(user); });
  return {};
}

caf::result<resolved_binaries> resolve(self_ptr self,
                                       const resolve_request& x) {
  auto& st = self->state;
  if (!x.known.empty())
    return st.shared->use([&](auto& index) { return keep(index, x); });
  auto all = std::make_shared<resolution>();
  std::vector<std::pair<std::size_t, std::string>> remote;
  if (auto wrong = resolve_here(st, x, *all, remote))
    return wrong;
  if (remote.empty())
    return all->joined();
  auto promise = self->make_response_promise<resolved_binaries>();
  all->open = remote.size();
  auto in_use = st.shared->use([](auto& index) { return index.fetched(); });
  for (auto& [at, uri] : remote)
    self
      ->request(st.dependencies, resolve_deadline, atom::resolve_v, uri, in_use)
      .then(
        [=, at = at, user = x.user](resolved_binaries& found) mutable {
          self->state.shared->use(
            [&](auto& index) { use_fetched(index, user, found); });
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

std::vector<binary_record> newest(const binary_index& index) {
  std::vector<binary_record> result;
  result.reserve(index.versions.size());
  for (auto& [name, versions] : index.versions)
    result.push_back(versions.back());
  return result;
}

} // namespace

binaries_actor::behavior_type
binaries(binaries_actor::stateful_pointer<binaries_state> self,
         std::shared_ptr<binary_registry> shared, store_actor store,
         dependencies_actor dependencies, std::vector<binary_record> known,
         std::size_t most) {
  auto& st = self->state;
  st.shared = std::move(shared);
  st.most = most;
  st.store = std::move(store);
  st.dependencies = std::move(dependencies);
  st.content
    = self->spawn<caf::detached>(content, st.shared->files(), self->id());
  st.since = now_ms();
  st.shared->use([&](auto& index) {
    for (auto& x : known)
      index.versions[x.name].push_back(std::move(x));
  });
  return {
    [=](atom::put, const binary_upload& x) { return put(self, x); },
    [=](atom::list) {
      return self->state.shared->use([](auto& index) { return newest(index); });
    },
    [=](atom::get, const std::string& name) {
      return self->state.shared->use(
        [&](auto& index) -> caf::result<binary_record> {
          if (const auto* x = index.newest(name))
            return *x;
          return make_error(ec::binary_unknown,
                            "Can't find binary with name " + name);
        });
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
