#include "actors/api/context_directory.hpp"

#include <utility>

namespace hearth {

std::optional<context_directory::entry>
context_directory::find(const std::string& name) const {
  std::lock_guard guard{mutex_};
  auto i = entries_.find(name);
  return i == entries_.end() ? std::nullopt : std::optional{i->second};
}

void context_directory::put(const std::string& name, entry context) {
  std::lock_guard guard{mutex_};
  entries_.insert_or_assign(name, std::move(context));
}

void context_directory::erase(const std::string& name) {
  std::lock_guard guard{mutex_};
  entries_.erase(name);
}

void context_directory::clear() {
  std::lock_guard guard{mutex_};
  entries_.clear();
}

std::string no_slot_text(const std::string& context, std::size_t running) {
  return "Too many running jobs (" + std::to_string(running)
         + ") for job context '" + context + "'";
}

} // namespace hearth
