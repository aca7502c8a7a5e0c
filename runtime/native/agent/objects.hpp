/// The named objects of a context.
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

/// What an object is found by. `scope` is the digest of the library version
/// whose jobs see it, "" for the whole context.
struct object_key {
  std::string name;
  std::string type;
  std::string scope;

  friend bool operator<(const object_key& a, const object_key& b) {
    return std::tie(a.name, a.type, a.scope)
           < std::tie(b.name, b.type, b.scope);
  }
};

/// Thread-safe. Objects are destroyed outside of its lock, by whoever lets go
/// of them last.
class object_table {
public:
  using stop_query = std::function<bool()>;

  object_table() = default;
  object_table(const object_table&) = delete;
  object_table& operator=(const object_table&) = delete;

  /// Destroys what it holds; nobody may hold a reference any more.
  ~object_table();

  /// Waits for who creates it, if anybody does.
  /// @returns a hearth_object_answer; FOUND and CREATE set `object`, which the
  ///          caller then has to release
  int acquire(const object_key& key, bool only_get,
              std::chrono::milliseconds timeout, const stop_query& stopped,
              hearth_object*& object);

  void publish(hearth_object* x, void* value, void (*destroy)(void*));

  void abandon(hearth_object* x);

  void release(hearth_object* x);

  /// @returns false if there is none
  bool forget(const object_key& key);

  /// Those who wait ask again whether they are to stop.
  void wake();

private:
  /// Takes one reference off; gives back what is to be destroyed.
  std::unique_ptr<hearth_object> drop(hearth_object* x);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<object_key, hearth_object*> objects_;
};

} // namespace hearth::native
