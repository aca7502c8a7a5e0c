#include "actors/binaries/index.hpp"

#include <algorithm>
#include <utility>

namespace hearth {

const binary_record* binary_index::newest(const std::string& name) const {
  auto i = versions.find(name);
  return i == versions.end() ? nullptr : &i->second.back();
}

std::vector<std::string>
binary_index::jobs_with(const std::string& name) const {
  std::vector<std::string> result;
  for (auto& [id, user] : users)
    if (!user.is_context
        && std::any_of(user.binaries.begin(), user.binaries.end(),
                       [&](auto& x) { return x.name == name; }))
      result.push_back(id);
  return result;
}

bool binary_index::held(const std::string& digest) const {
  return std::any_of(users.begin(), users.end(), [&](auto& entry) {
    auto& all = entry.second.binaries;
    return std::any_of(all.begin(), all.end(),
                       [&](auto& x) { return x.digest == digest; });
  });
}

std::vector<std::string> binary_index::fetched() const {
  std::vector<std::string> result;
  for (auto& [id, user] : users)
    result.insert(result.end(), user.fetched.begin(), user.fetched.end());
  return result;
}

bool binary_index::known(const std::string& digest) const {
  return std::any_of(versions.begin(), versions.end(), [&](auto& entry) {
    return std::any_of(entry.second.begin(), entry.second.end(),
                       [&](auto& x) { return x.digest == digest; });
  });
}

binary_registry::binary_registry(std::shared_ptr<content_files> files)
  : files_(std::move(files)) {}

std::optional<resolved_binaries>
binary_registry::try_take(const std::string& user,
                          const std::vector<std::string>& names) {
  resolved_binaries result;
  binary_user taken;
  std::lock_guard guard{mutex_};
  for (auto& name : names) {
    const auto* x = index_.newest(name);
    if (!x)
      return std::nullopt;
    result.refs.push_back(ref_of(*x));
    taken.binaries.push_back({name, x->type, x->digest});
  }
  index_.users[user] = std::move(taken);
  return result;
}

bool binary_registry::try_release(const std::string& user) {
  std::lock_guard guard{mutex_};
  auto i = index_.users.find(user);
  if (i == index_.users.end())
    return false;
  auto& used = i->second.binaries;
  auto stays = [&](const used_binary& x) {
    auto all = index_.versions.find(x.name);
    return all != index_.versions.end() && all->second.size() == 1
           && all->second.back().digest == x.digest;
  };
  if (!std::all_of(used.begin(), used.end(), stays))
    return false;
  index_.users.erase(i);
  return true;
}

protocol::binary_ref binary_registry::ref_of(const binary_record& x) const {
  return {x.name, to_string(x.type), x.digest, files_->path(x.type, x.digest)};
}

} // namespace hearth
