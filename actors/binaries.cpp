#include "actors/binaries.hpp"

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>

#include <caf/all.hpp>

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

caf::result<binary_record> put(self_ptr self, const binary_upload& x) {
  auto promise = self->make_response_promise<binary_record>();
  binary_record record;
  record.name = x.name;
  record.type = x.type;
  record.size = static_cast<std::int64_t>(x.content->size());
  auto fail = [promise](caf::error& e) mutable { promise.deliver(e); };
  self->request(self->state.content, disk_deadline, atom::put_v, x)
    .then(
      [=](std::string& digest) mutable {
        record.digest = std::move(digest);
        record.upload_time = now_ms();
        self->request(self->state.store, disk_deadline, atom::put_v, record)
          .then(
            [=](atom::ok) mutable {
              self->state.versions[record.name].push_back(record);
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
  auto users = st.users(name);
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
        auto gone = std::move(st.versions[name]);
        st.versions.erase(name);
        for (auto& x : gone)
          if (!st.known(x.digest))
            self->send(st.content, atom::erase_v, x.type, x.digest);
        promise.deliver(atom::ok_v);
      },
      [promise](caf::error& e) mutable { promise.deliver(e); });
  return promise;
}

/// A file on the driver's machine as a binary: what tells one state of it from
/// the next is its path, size and time, for reading it whole would block.
protocol::binary_ref from_file(const std::string& name,
                               const std::string& path) {
  auto type = path.ends_with(".so") ? binary_type::native : binary_type::jar;
  struct stat info {};
  std::string state = path;
  if (::stat(path.c_str(), &info) == 0)
    state += '|' + std::to_string(info.st_size) + '|'
             + std::to_string(info.st_mtim.tv_sec) + '.'
             + std::to_string(info.st_mtim.tv_nsec);
  return {name, to_string(type), sha256(state), path};
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

caf::result<resolved_binaries> resolve(self_ptr self,
                                       const resolve_request& x) {
  auto& st = self->state;
  resolved_binaries result;
  for (auto& name : x.names) {
    auto i = st.versions.find(name);
    if (i != st.versions.end()) {
      auto& newest = i->second.back();
      result.refs.push_back({name, to_string(newest.type), newest.digest,
                             st.files->path(newest.type, newest.digest)});
    } else if (auto path = local_path(name); !path.empty()) {
      result.refs.push_back(from_file(name, path));
    } else if (auto colon = name.find(':'); colon != std::string::npos) {
      return make_error(ec::malformed_url,
                        problem{"unknown protocol: " + name.substr(0, colon),
                                "java.net.MalformedURLException", "", ""});
    } else {
      return make_error(ec::binary_not_found,
                        (x.by_app_name ? "appName " : "classPath ") + name
                          + " not found");
    }
  }
  if (!x.job.empty())
    st.used[x.job].insert(x.names.begin(), x.names.end());
  return result;
}

std::vector<binary_record> newest(const binaries_state& st) {
  std::vector<binary_record> result;
  result.reserve(st.versions.size());
  for (auto& [name, versions] : st.versions)
    result.push_back(versions.back());
  return result;
}

} // namespace

std::vector<std::string> binaries_state::users(const std::string& name) const {
  std::vector<std::string> result;
  for (auto& [job, names] : used)
    if (names.count(name) != 0)
      result.push_back(job);
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
         std::vector<binary_record> known) {
  auto& st = self->state;
  st.files = files;
  st.store = std::move(store);
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
    [=](atom::release, const std::string& job) { self->state.used.erase(job); },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return gather_status(
        self, own_status(self, "binaries", "", "open", 0, st.since),
        {st.content});
    },
  };
}

} // namespace hearth
