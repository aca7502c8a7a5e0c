/// Runs a job for the agent, without letting an exception out. Internal to
/// hearth/job.hpp.
#pragma once

#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <hearth/abi.h>
#include <hearth/config.hpp>
#include <hearth/context.hpp>
#include <hearth/errors.hpp>
#include <hearth/json_writer.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>

namespace hearth {

/// The data of a job, or the problems of its configuration.
template <class T>
class validated {
public:
  using value_type = T;

  validated(T value) : value_(std::move(value)) {
    // nop
  }

  validated(problems why) : value_(std::move(why)) {
    // nop
  }

  /// Returns the data; null if there are problems.
  T* data() {
    return std::get_if<T>(&value_);
  }

  /// Returns the problems; null if there are none.
  const problems* why() const {
    return std::get_if<problems>(&value_);
  }

private:
  std::variant<T, problems> value_;
};

namespace detail {

inline std::string demangle(const std::type_info& type) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> name{
    abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free};
  return name ? name.get() : type.name();
}

inline hearth_text text_of(std::string_view x) {
  return {x.data(), x.size()};
}

/// Appends a line for each exception that is nested in `x`, the outermost
/// first.
inline void append_causes(const std::exception& x, std::string& out) {
  try {
    std::rethrow_if_nested(x);
  } catch (const std::exception& cause) {
    out += "\ncaused by " + demangle(typeid(cause)) + ": " + cause.what();
    append_causes(cause, out);
  } catch (...) {
    out += "\ncaused by something that is no std::exception";
  }
}

inline void say(void (*how)(hearth_run*, const hearth_failure*),
                hearth_run* run, std::string_view message,
                std::string_view type, std::string_view causes = {}) {
  auto stack = std::string(type);
  stack.append(": ").append(message).append(causes);
  hearth_failure x{text_of(message), text_of(type), text_of(stack)};
  how(run, &x);
}

/// Reports the exception that is being handled to the agent.
inline void say_failed(const hearth_host* host, hearth_run* run,
                       bool validating) {
  try {
    throw;
  } catch (const config_error& e) {
    say(validating ? host->refuse : host->fail, run, e.what(),
        demangle(typeid(e)));
  } catch (const std::exception& e) {
    std::string causes;
    append_causes(e, causes);
    say(host->fail, run, e.what(), demangle(typeid(e)), causes);
  } catch (...) {
    const auto* type = abi::__cxa_current_exception_type();
    auto name = type ? demangle(*type) : std::string("an unknown type");
    say(host->fail, run, "the job threw " + name, name);
  }
}

/// Gives a writer the agent's memory for results.
class run_sink : public json_sink {
public:
  run_sink(const hearth_host* host, hearth_run* run) : host_(host), run_(run) {
    // nop
  }

  char* next(std::size_t used, std::size_t least, std::size_t& room) override {
    if (used > 0)
      host_->commit(run_, used);
    room = 0;
    if (least == 0)
      return nullptr;
    auto* result = host_->reserve(run_, least, &room);
    if (!result)
      throw stopped();
    return result;
  }

private:
  const hearth_host* host_;
  hearth_run* run_;
};

template <class Job, class = void>
struct has_validate : std::false_type {};

template <class Job>
struct has_validate<Job, std::void_t<decltype(&Job::validate)>>
  : std::true_type {};

template <class T>
struct is_validated : std::false_type {};

template <class T>
struct is_validated<validated<T>> : std::true_type {};

template <class Job, class Data>
void run_and_write(Job& job, context& ctx, Data& data, json_writer& out) {
  if constexpr (std::is_invocable_v<decltype(&Job::run), Job&, context&, Data&,
                                    json_writer&>) {
    job.run(ctx, data, out);
  } else if constexpr (std::is_void_v<decltype(job.run(ctx, data))>) {
    job.run(ctx, data);
  } else {
    out.write(job.run(ctx, data));
  }
  if (out.untouched())
    out.null();
  out.finish();
}

template <class Job>
void perform(const hearth_host* host, hearth_run* run) {
  auto validating = true;
  try {
    context ctx{host, run};
    auto text = host->config(run);
    auto config = text.size > 2
                    ? hearth::config(std::string_view{text.data, text.size})
                    : hearth::config();
    Job job{};
    run_sink sink{host, run};
    json_writer out{sink};
    auto go = [&](auto& data) {
      validating = false;
      host->started(run);
      run_and_write(job, ctx, data, out);
    };
    if constexpr (has_validate<Job>::value) {
      auto data = job.validate(ctx, config);
      if constexpr (is_validated<decltype(data)>::value) {
        if (auto* why = data.why())
          say(host->refuse, run, why->to_string(), "hearth::problems");
        else
          go(*data.data());
      } else {
        go(data);
      }
    } else {
      go(config);
    }
  } catch (...) {
    say_failed(host, run, validating);
  }
}

} // namespace detail

} // namespace hearth
