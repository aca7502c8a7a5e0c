/// The table of the named objects of a context, which its jobs share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "runtime/native/include/hearth/abi.h"

namespace hearth::native {
class object_table;
} // namespace hearth::native

/// One named object. Its table holds a reference to it until it is forgotten.
struct hearth_object {
  hearth::native::object_table* table = nullptr;
  int references = 0;
  bool ready = false;
  void* value = nullptr;
  void (*destroy)(void*) = nullptr;
};

namespace hearth::native {

/// The key of an object. `scope` is the digest of the library version whose
/// jobs see the object; "" if all jobs of the context do.
struct object_key {
  std::string name;
  std::string type;
  std::string scope;

  friend bool operator<(const object_key& a, const object_key& b) {
    return std::tie(a.name, a.type, a.scope)
           < std::tie(b.name, b.type, b.scope);
  }
};

/// Thread-safe. An object is destroyed outside of the lock, by the thread that
/// releases the last reference.
class object_table {
public:
  using stop_query = std::function<bool()>;

  object_table() = default;
  object_table(const object_table&) = delete;
  object_table& operator=(const object_table&) = delete;

  /// Destroys all objects. No job may hold a reference any more.
  ~object_table();

  /// Finds an object. If another job is creating it, waits for that.
  /// @returns a hearth_object_answer; FOUND and CREATE set `object`, which the
  ///          caller then has to release
  int acquire(const object_key& key, bool only_get,
              std::chrono::milliseconds timeout, const stop_query& stopped,
              hearth_object*& object);

  void publish(hearth_object* x, void* value, void (*destroy)(void*));

  void abandon(hearth_object* x);

  void release(hearth_object* x);

  /// @returns false if there is no such object
  bool forget(const object_key& key);

  /// Makes all waiting calls ask again whether they have to stop.
  void wake();

private:
  /// Removes one reference. Returns the object if it has to be destroyed.
  std::unique_ptr<hearth_object> drop(hearth_object* x);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<object_key, hearth_object*> objects_;
};

} // namespace hearth::native
