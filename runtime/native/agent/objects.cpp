#include "runtime/native/agent/objects.hpp"

#include <algorithm>

namespace hearth::native {

namespace {

void destroy(std::unique_ptr<hearth_object> x) {
  if (x && x->destroy)
    x->destroy(x->value);
}

} // namespace

object_table::~object_table() {
  for (auto& [key, x] : objects_)
    destroy(std::unique_ptr<hearth_object>{x});
}

int object_table::acquire(const object_key& key, bool only_get,
                          std::chrono::milliseconds timeout,
                          const stop_query& stopped, hearth_object*& object) {
  // A time-out that no clock can hold is a wait without end.
  constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365};
  auto deadline = std::chrono::steady_clock::now() + std::min(timeout, longest);
  std::unique_lock guard{mutex_};
  for (;;) {
    auto i = objects_.find(key);
    if (i != objects_.end() && i->second->ready) {
      object = i->second;
      ++object->references;
      return HEARTH_OBJECT_FOUND;
    }
    if (only_get)
      return HEARTH_OBJECT_MISSING;
    if (i == objects_.end()) {
      auto x = std::make_unique<hearth_object>();
      x->table = this;
      x->references = 2; // the table's and the caller's
      object = x.get();
      objects_.emplace(key, x.release());
      return HEARTH_OBJECT_CREATE;
    }
    if (stopped())
      return HEARTH_OBJECT_STOPPED;
    if (std::chrono::steady_clock::now() >= deadline)
      return HEARTH_OBJECT_TIMEOUT;
    changed_.wait_until(guard, deadline);
  }
}

void object_table::publish(hearth_object* x, void* value,
                           void (*destroy)(void*)) {
  std::lock_guard guard{mutex_};
  x->value = value;
  x->destroy = destroy;
  x->ready = true;
  changed_.notify_all();
}

void object_table::abandon(hearth_object* x) {
  std::unique_lock guard{mutex_};
  auto i = std::find_if(objects_.begin(), objects_.end(),
                        [&](auto& entry) { return entry.second == x; });
  if (i != objects_.end()) {
    objects_.erase(i);
    --x->references; // the table's own; the caller's is still there
  }
  auto gone = drop(x);
  changed_.notify_all();
}

void object_table::release(hearth_object* x) {
  std::unique_lock guard{mutex_};
  auto gone = drop(x);
  guard.unlock();
  destroy(std::move(gone));
}

bool object_table::forget(const object_key& key) {
  std::unique_lock guard{mutex_};
  auto i = objects_.find(key);
  if (i == objects_.end() || !i->second->ready)
    return false;
  auto gone = drop(i->second);
  objects_.erase(i);
  guard.unlock();
  destroy(std::move(gone));
  return true;
}

void object_table::wake() {
  std::lock_guard guard{mutex_};
  changed_.notify_all();
}

std::unique_ptr<hearth_object> object_table::drop(hearth_object* x) {
  return std::unique_ptr<hearth_object>{--x->references == 0 ? x : nullptr};
}

} // namespace hearth::native
