#include "actors/binaries/binaries.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "actors/binaries/content.hpp"
#include "actors/supervision/keeper.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds disk_deadline{120};

/// Between looks for uploads of which nobody knows whether they are stored.
constexpr std::chrono::seconds look_pause{1};

/// Whether what failed with that error is sure not to be stored.
bool is_certain(const caf::error& x) {
  return code_of(x) == ec::store_failed || code_of(x) == ec::storage_full;
}

/// Whether that very version is the newest of its name.
/// @param stored all versions, oldest first
bool is_newest(const binary_record& x,
               const std::vector<binary_record>& stored) {
  auto newest
    = std::find_if(stored.rbegin(), stored.rend(),
                   [&](const auto& other) { return other.name == x.name; });
  return newest != stored.rend() && newest->type == x.type
         && newest->digest == x.digest && newest->upload_time == x.upload_time;
}

binary_record record_of(const binary_upload& upload) {
  binary_record result;
  result.name = upload.name;
  result.type = upload.type;
  result.size = static_cast<std::int64_t>(upload.content->size());
  return result;
}

} // namespace

caf::result<binary_record> binaries_state::put(const binary_upload& upload) {
  if (!registry->newest(upload.name) && registry->size() + uploads >= most)
    return make_error(ec::storage_full,
                      "there are as many binaries as hearth.binaries.max "
                      "allows: "
                        + std::to_string(most));
  auto promise = self->make_response_promise<binary_record>();
  ++uploads;
  self->request(content, disk_deadline, atom::put_v, upload)
    .then(
      [this, promise, record = record_of(upload)](std::string& digest) mutable {
        record.digest = std::move(digest);
        record.upload_time = now_ms();
        changes.begin(record.name, [=] { store_upload(record, promise); });
      },
      [this, promise](caf::error& e) mutable {
        --uploads;
        remove_unused();
        promise.deliver(std::move(e));
      });
  return promise;
}

void binaries_state::store_upload(const binary_record& record,
                                  put_promise promise) {
  auto done = [this, record] {
    --uploads;
    remove_unused();
    changes.end(record.name);
  };
  self->request(store, disk_deadline, atom::put_v, record)
    .then(
      [=, this](atom::ok) mutable {
        registry->add(record);
        done();
        promise.deliver(record);
      },
      [=, this](caf::error& e) mutable {
        if (is_certain(e))
          unused.push_back(record);
        else
          doubt(record);
        done();
        promise.deliver(std::move(e));
      });
}

/// Its content stays until the store says whether it is there, or the next
/// server removes what no binary has.
void binaries_state::doubt(const binary_record& record) {
  ++doubts;
  if (doubtful.empty())
    self->delayed_send(self, look_pause, atom::look_v);
  doubtful.push_back(record);
}

void binaries_state::look() {
  for (auto& record : std::exchange(doubtful, {}))
    changes.begin(record.name, [=, this] { look_for(record); });
}

void binaries_state::look_for(const binary_record& record) {
  auto done = [this, record] {
    --doubts;
    remove_unused();
    changes.end(record.name);
  };
  self->request(store, disk_deadline, atom::list_v)
    .then(
      [=, this](const std::vector<binary_record>& stored) {
        if (is_newest(record, stored))
          registry->add(record);
        else
          unused.push_back(record);
        done();
      },
      [=, this](caf::error&) {
        doubt(record);
        done();
      });
}

caf::result<binary_record> binaries_state::get(const std::string& name) const {
  if (auto version = registry->newest(name))
    return version->record;
  return make_error(ec::binary_unknown, "Can't find binary with name " + name);
}

caf::result<atom::ok> binaries_state::erase(const std::string& name) {
  auto promise = self->make_response_promise<atom::ok>();
  changes.begin(name, [=, this] { erase_now(name, promise); });
  return promise;
}

void binaries_state::erase_now(const std::string& name, erase_promise promise) {
  auto end = [=, this](auto answer) mutable {
    remove_unused();
    changes.end(name);
    promise.deliver(std::move(answer));
  };
  if (!registry->newest(name))
    return end(
      make_error(ec::binary_not_there, "can't find binary with name " + name));
  auto jobs = registry->close(name);
  if (!jobs.empty()) {
    std::string list;
    for (auto& id : jobs)
      list += (list.empty() ? "" : ", ") + id;
    return end(
      make_error(ec::binary_in_use, "Binary is in use by job(s): " + list));
  }
  self->request(store, disk_deadline, atom::erase_v, name)
    .then(
      [=, this](atom::ok) mutable {
        registry->remove(name);
        end(atom::ok_v);
      },
      [=, this](caf::error& e) mutable {
        registry->reopen(name);
        end(std::move(e));
      });
}

void binaries_state::remove_unused() {
  for (auto& record : registry->prune())
    unused.push_back(std::move(record));
  // The content of an upload under way, or of one that may be stored, may be
  // the very same: then later.
  if (uploads > 0 || doubts > 0)
    return;
  for (auto& record : std::exchange(unused, {}))
    if (!registry->has_content(record.type, record.digest))
      self->send(content, atom::erase_v, record.type, record.digest);
}

binaries_self::behavior_type
binaries(binaries_self::stateful_pointer<binaries_state> self,
         std::shared_ptr<binary_registry> registry, store_actor store,
         dependencies_actor dependencies, std::size_t most) {
  auto& st = self->state;
  st.registry = std::move(registry);
  st.most = most;
  st.store = std::move(store);
  st.dependencies = std::move(dependencies);
  st.content = keep<content_actor>(
    *self, "content",
    lives_of<caf::detached>(content, st.registry->files(), self->id()));
  st.local_files = keep<local_files_actor>(
    *self, "local files", lives_of<caf::detached>(local_files, self->id()));
  st.since = now_ms();
  return {
    [=](atom::put, const binary_upload& x) { return self->state.put(x); },
    [=](atom::list) { return listed_binaries{self->state.registry->list()}; },
    [=](atom::get, const std::string& name) { return self->state.get(name); },
    [=](atom::erase, const std::string& name) {
      return self->state.erase(name);
    },
    [=](atom::resolve, const resolve_request& x) {
      return self->state.resolve(x);
    },
    [=](atom::release, const std::string& user) { self->state.release(user); },
    [=](atom::look) { self->state.look(); },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return gather_status(
        self, own_status(self, "binaries", "", "open", 0, st.since),
        {{st.content, "content"},
         {st.local_files, "local files"},
         {st.dependencies, "dependencies"}});
    },
  };
}

} // namespace hearth
