/// Named objects, which a context keeps so that its jobs can share them.
#pragma once

#include <chrono>
#include <hearth/abi.h>
#include <hearth/errors.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

namespace hearth {

/// Specialize this for a type whose objects all versions of a library share,
/// and other libraries with the same key, too. The key has to change whenever
/// the type's layout or meaning does.
///
/// ```
/// template <>
/// struct hearth::object_key<table> {
///   static constexpr const char* value = "example.table/1";
/// };
/// ```
///
/// Without it, only the jobs of one library version see an object. So version 2
/// never misreads an object of version 1, but makes its own.
template <class T>
struct object_key {
  static constexpr const char* value = nullptr;
};

/// A named object was not created in time.
class object_timeout : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The context runs each of its jobs in a process of its own, so an object
/// would be gone with the job that made it.
class objects_unavailable : public std::logic_error {
public:
  explicit objects_unavailable(std::string_view name)
    : std::logic_error("there is no named object '" + std::string(name)
                       + "': this context runs each job in a process of its "
                         "own (isolate=process), where jobs share nothing") {
    // nop
  }
};

/// The named objects of a context, as one job sees them. An object is found by
/// its name and its type. It lives until it was forgotten and no job holds it,
/// or until the context ends. Thread-safe. The objects themselves are only as
/// thread-safe as their type, although several jobs use them at once.
class named_objects {
public:
  named_objects(const hearth_host* host, hearth_run* run)
    : host_(host), run_(run) {
    // nop
  }

  /// Returns the object. If there is none, `make()`, which returns a T, makes
  /// it. If several jobs ask at once, one of them makes the object and the
  /// others wait; if that fails, the next one tries.
  /// @throws object_timeout, stopped, objects_unavailable, and the exceptions
  ///         of `make`
  template <class T, class Make>
  std::shared_ptr<T> get_or_create(std::string_view name, Make&& make,
                                   std::chrono::milliseconds timeout
                                   = std::chrono::seconds{60}) {
    hearth_object* x = nullptr;
    switch (host_->object_acquire(run_, text(name), type_of<T>(), flags_of<T>(),
                                  timeout.count(), &x)) {
      case HEARTH_OBJECT_FOUND:
        break;
      case HEARTH_OBJECT_CREATE:
        create<T>(x, std::forward<Make>(make));
        break;
      case HEARTH_OBJECT_STOPPED:
        throw stopped();
      case HEARTH_OBJECT_ISOLATED:
        throw objects_unavailable(name);
      default:
        throw object_timeout("the object '" + std::string(name)
                             + "' was not created within "
                             + std::to_string(timeout.count()) + " ms");
    }
    return hold<T>(x);
  }

  /// Returns the object, or null if there is none yet.
  template <class T>
  std::shared_ptr<T> get(std::string_view name) {
    hearth_object* x = nullptr;
    auto answer
      = host_->object_acquire(run_, text(name), type_of<T>(),
                              flags_of<T>() | HEARTH_OBJECT_ONLY_GET, 0, &x);
    if (answer == HEARTH_OBJECT_ISOLATED)
      throw objects_unavailable(name);
    return answer == HEARTH_OBJECT_FOUND ? hold<T>(x) : nullptr;
  }

  /// Makes the name free. Jobs that hold the object keep it.
  /// @returns false if there was no such object
  template <class T>
  bool forget(std::string_view name) {
    return host_->object_forget(run_, text(name), type_of<T>(), flags_of<T>())
           != 0;
  }

private:
  static hearth_text text(std::string_view x) {
    return {x.data(), x.size()};
  }

  template <class T>
  static hearth_text type_of() {
    std::string_view key
      = object_key<T>::value ? object_key<T>::value : typeid(T).name();
    return text(key);
  }

  template <class T>
  static std::uint32_t flags_of() {
    return object_key<T>::value ? HEARTH_OBJECT_OF_CONTEXT
                                : HEARTH_OBJECT_OF_LIBRARY;
  }

  template <class T, class Make>
  void create(hearth_object* x, Make&& make) {
    std::unique_ptr<T> made;
    try {
      made = std::make_unique<T>(std::forward<Make>(make)());
    } catch (...) {
      host_->object_abandon(x);
      throw;
    }
    host_->object_publish(x, made.release(),
                          [](void* p) { delete static_cast<T*>(p); });
  }

  template <class T>
  std::shared_ptr<T> hold(hearth_object* x) {
    return {static_cast<T*>(host_->object_value(x)),
            [host = host_, x](T*) { host->object_release(x); }};
  }

  const hearth_host* host_;
  hearth_run* run_;
};

} // namespace hearth
