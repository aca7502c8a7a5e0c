#include "actors/supervision/part.hpp"

#include <mutex>
#include <set>

namespace hearth {

namespace {

std::mutex mutex; // guards the names
std::multiset<std::string> names;
part_hook installed_hook;

} // namespace

void set_part_hook(part_hook hook) {
  installed_hook = std::move(hook);
}

std::vector<std::string> living_parts() {
  std::lock_guard guard{mutex};
  return {names.begin(), names.end()};
}

void begin_part(const std::string& name, caf::scheduled_actor& self) {
  {
    std::lock_guard guard{mutex};
    names.insert(name);
  }
  self.attach_functor([name](const caf::error&) {
    std::lock_guard guard{mutex};
    if (auto i = names.find(name); i != names.end())
      names.erase(i);
  });
  if (installed_hook)
    installed_hook(name, self);
}

} // namespace hearth
