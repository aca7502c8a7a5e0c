/// Write jobs in C++ for contexts with `context-factory=hearth.native`.
///
/// A job is a class with a member `run` and, if there is anything to check, a
/// member `validate`:
///
/// ```
/// #include <hearth/job.hpp>
///
/// struct greet {
///   hearth::validated<std::string> validate(hearth::context&,
///                                           const hearth::config& config) {
///     auto name = config.get<std::string>("name");
///     if (name.empty())
///       return hearth::problems{"name must not be empty"};
///     return name;
///   }
///
///   std::string run(hearth::context&, const std::string& name) {
///     return "Hello, " + name;
///   }
/// };
///
/// HEARTH_JOB(greet)
/// ```
///
/// `validate` returns data, or `hearth::validated<data>` to be able to refuse
/// the job; a `config_error` that it throws refuses the job, too. `run` gets
/// the data (or the configuration, if there is no `validate`) and returns
/// anything that `json_writer::write` takes, or nothing. It may take a third
/// argument, `hearth::json_writer&`, and write the result itself. An object of
/// the class is made for each run, on the thread that runs it.
///
/// Compile the job to a shared library with C++17 or later, and upload it as
/// `application/x-sharedlib`; the job's name is the `mainClass`. Libraries stay
/// loaded until the context ends, each version apart from all others.
#pragma once

#include <hearth/abi.h>
#include <hearth/config.hpp>
#include <hearth/context.hpp>
#include <hearth/errors.hpp>
#include <hearth/json_writer.hpp>
#include <hearth/perform.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace hearth::detail {

/// Returns the jobs of this library. It is hidden, so each library has its own.
__attribute__((visibility("hidden"))) inline std::vector<hearth_job>&
registry() {
  static std::vector<hearth_job> jobs;
  return jobs;
}

template <class Job>
struct registration {
  explicit registration(std::string_view name) {
    registry().push_back({{name.data(), name.size()}, &perform<Job>});
  }
};

} // namespace hearth::detail

/// The function that the agent calls. Each library that includes this header
/// has it.
extern "C"
  __attribute__((visibility("default"), used)) inline const hearth_library*
  HEARTH_ENTRY() {
  static hearth_library library;
  auto& jobs = hearth::detail::registry();
  constexpr std::string_view compiler = __VERSION__;
  library = {HEARTH_ABI_MAJOR,
             HEARTH_ABI_MINOR,
             {compiler.data(), compiler.size()},
             jobs.data(),
             jobs.size()};
  return &library;
}

#define HEARTH_JOIN_(a, b) a##b
#define HEARTH_JOIN(a, b) HEARTH_JOIN_(a, b)

/// Makes a class a job of this library, under the given name.
#define HEARTH_JOB_AS(name, class) \
  static const ::hearth::detail::registration<class> HEARTH_JOIN( \
    hearth_registration_, __COUNTER__){name};

/// Makes a class a job of this library, under the class's name.
#define HEARTH_JOB(class) HEARTH_JOB_AS(#class, class)
