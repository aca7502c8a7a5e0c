#include "actors/binaries/registry.hpp"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

/// In place of a number of jobs.
constexpr std::int64_t closed = -1;

/// The owner is told at the latest after this many jobs, so that it frees their
/// memory.
constexpr std::uint32_t jobs_between_looks = 1024;

struct by_name {
  bool operator()(const binary_version_ptr& x, const std::string& name) const {
    return x->record.name < name;
  }
};

template <class Snapshot>
auto place_of(Snapshot& versions, const std::string& name) {
  return std::lower_bound(versions.begin(), versions.end(), name, by_name{});
}

} // namespace

/// A job in the list of a version. Only the owner of the registry removes it
/// from there, once it left.
struct binary_version::user {
  const std::string job;
  const bool owner_looks;
  user* next = nullptr;
  std::atomic<bool> left{false};
};

binary_version::binary_version(binary_record record, protocol::binary_ref ref)
  : record(std::move(record)), ref(std::move(ref)) {}

binary_version::~binary_version() {
  for (auto* x = users_.load(); x;)
    delete std::exchange(x, x->next);
}

binary_version::user* binary_version::enter(const std::string& job) {
  auto number = entered_.fetch_add(1, std::memory_order_relaxed) + 1;
  auto* result = new user{job, number % jobs_between_looks == 0};
  // Before it is counted, and `leave` the other way round: of every job that
  // counts, the owner finds the id.
  link(result, result);
  auto count = job_count_.load();
  do
    if (count == closed) {
      result->left.store(true);
      return nullptr;
    }
  while (!job_count_.compare_exchange_weak(count, count + 1));
  return result;
}

bool binary_version::leave(user* job) {
  auto owner_looks = job->owner_looks;
  --job_count_;
  // This is read after the count was decremented. So either this thread sees
  // that the version was replaced, or the owner, which marks it as replaced
  // before it closes it, sees the new count.
  owner_looks = replaced_.load() || owner_looks;
  job->left.store(true); // the owner may free it from here on
  return owner_looks;
}

void binary_version::link(user* first, user* last) {
  last->next = users_.load();
  while (!users_.compare_exchange_weak(last->next, first))
    ; // somebody else came first: next is updated
}

bool binary_version::close() {
  std::int64_t none = 0;
  return job_count_.compare_exchange_strong(none, closed);
}

bool binary_version::is_closed() const {
  return job_count_.load() == closed;
}

bool binary_version::in_use() const {
  return job_count_.load() > 0;
}

void binary_version::reopen() {
  job_count_.store(0);
}

void binary_version::replace() {
  replaced_.store(true);
}

std::vector<std::string> binary_version::jobs() {
  std::vector<std::string> result;
  user* first = nullptr;
  user* last = nullptr;
  for (auto* x = users_.exchange(nullptr); x;) {
    auto* next = x->next;
    if (x->left.load()) {
      delete x;
    } else {
      result.push_back(x->job);
      x->next = first;
      first = x;
      last = last ? last : x;
    }
    x = next;
  }
  if (first)
    link(first, last);
  return result;
}

binary_lease& binary_lease::operator=(binary_lease&& other) noexcept {
  release();
  uses_ = std::exchange(other.uses_, {});
  return *this;
}

binary_lease::~binary_lease() {
  release();
}

bool binary_lease::add(binary_version_ptr version, const std::string& job) {
  auto* user = version->enter(job);
  if (!user)
    return false;
  uses_.push_back({std::move(version), user});
  return true;
}

bool binary_lease::release() {
  auto owner_looks = false;
  for (auto& x : std::exchange(uses_, {}))
    owner_looks = x.version->leave(x.user) || owner_looks;
  return owner_looks;
}

binary_registry::binary_registry(std::shared_ptr<content_files> files)
  : files_(std::move(files)), newest_(std::make_unique<const snapshot>()) {}

std::optional<taken_binaries>
binary_registry::try_take(const std::string& job,
                          const std::vector<std::string>& names) {
  taken_binaries result;
  result.refs.reserve(names.size());
  for (auto& name : names) {
    auto version = newest(name);
    while (version && !result.lease.add(version, job))
      // It was replaced just now, or is being removed.
      if (auto next = newest(name); next == version)
        return std::nullopt;
      else
        version = std::move(next);
    if (!version)
      return std::nullopt;
    result.refs.push_back(version->ref);
  }
  return result;
}

binary_version_ptr binary_registry::newest(const std::string& name) const {
  return newest_.read([&](const snapshot& versions) {
    auto i = place_of(versions, name);
    return i != versions.end() && (*i)->record.name == name
             ? *i
             : binary_version_ptr{};
  });
}

std::vector<std::shared_ptr<const binary_record>>
binary_registry::list() const {
  return newest_.read([](const snapshot& versions) {
    std::vector<std::shared_ptr<const binary_record>> result;
    result.reserve(versions.size());
    for (auto& version : versions)
      result.emplace_back(version, &version->record);
    return result;
  });
}

std::size_t binary_registry::size() const {
  return newest_.read([](const snapshot& versions) { return versions.size(); });
}

binary_version_ptr binary_registry::version_of(binary_record record) const {
  protocol::binary_ref ref{record.name, to_string(record.type), record.digest,
                           files_->path(record.type, record.digest)};
  return std::make_shared<binary_version>(std::move(record), std::move(ref));
}

/// The version that it replaces goes to the replaced ones.
void binary_registry::put_newest(snapshot& versions,
                                 binary_version_ptr version) {
  auto i = place_of(versions, version->record.name);
  if (i != versions.end() && (*i)->record.name == version->record.name) {
    replaced_.push_back(std::move(*i));
    *i = std::move(version);
  } else {
    versions.insert(i, std::move(version));
  }
}

void binary_registry::load(std::vector<binary_record> records) {
  // By name, so that each goes to the end: to insert thousands in between would
  // take seconds.
  std::stable_sort(records.begin(), records.end(),
                   [](auto& a, auto& b) { return a.name < b.name; });
  auto next = std::make_unique<snapshot>();
  for (auto& record : records)
    put_newest(*next, version_of(std::move(record)));
  for (auto& version : replaced_) {
    version->from_store = true;
    version->replace();
  }
  newest_.publish(std::move(next));
}

void binary_registry::add(binary_record record) {
  for (auto& version : replaced_)
    if (version->record.name == record.name)
      version->from_store = false;
  auto next = newest_.read(
    [](const snapshot& x) { return std::make_unique<snapshot>(x); });
  auto old = newest(record.name);
  put_newest(*next, version_of(std::move(record)));
  newest_.publish(std::move(next));
  if (old)
    old->replace();
}

std::vector<std::string> binary_registry::close(const std::string& name) {
  std::vector<std::string> result;
  auto current = newest(name);
  auto closes = current->close();
  while (!closes && (result = current->jobs()).empty())
    closes = current->close(); // its last job left meanwhile
  for (auto& version : replaced_)
    if (version->record.name == name && version->in_use())
      for (auto& job : version->jobs())
        result.push_back(std::move(job));
  if (closes && !result.empty())
    current->reopen();
  std::sort(result.begin(), result.end());
  return result;
}

void binary_registry::reopen(const std::string& name) {
  newest(name)->reopen();
}

void binary_registry::remove(const std::string& name) {
  auto next = newest_.read(
    [](const snapshot& x) { return std::make_unique<snapshot>(x); });
  auto i = place_of(*next, name);
  (*i)->replace();
  replaced_.push_back(std::move(*i));
  next->erase(i);
  for (auto& version : replaced_)
    if (version->record.name == name)
      version->from_store = false;
  newest_.publish(std::move(next));
}

binary_version_ptr binary_registry::find(const std::string& name,
                                         const std::string& digest) {
  auto current = newest(name);
  if (current && current->record.digest == digest)
    return current;
  auto i = std::find_if(replaced_.begin(), replaced_.end(), [&](auto& x) {
    return x->record.name == name && x->record.digest == digest;
  });
  return i == replaced_.end() ? nullptr : *i;
}

std::vector<binary_record> binary_registry::prune() {
  std::vector<binary_record> result;
  std::erase_if(replaced_, [&](auto& version) {
    if (version->contexts > 0 || version->from_store)
      return false;
    if (!version->close() && !version->is_closed())
      return false;
    result.push_back(version->record);
    return true;
  });
  return result;
}

void binary_registry::free_what_left() {
  newest_.read([](const snapshot& versions) {
    for (auto& version : versions)
      version->jobs();
    return true;
  });
}

bool binary_registry::has_content(binary_type type,
                                  const std::string& digest) const {
  auto same = [&](auto& x) {
    return x->record.type == type && x->record.digest == digest;
  };
  return std::any_of(replaced_.begin(), replaced_.end(), same)
         || newest_.read([&](const snapshot& versions) {
              return std::any_of(versions.begin(), versions.end(), same);
            });
}

} // namespace hearth
