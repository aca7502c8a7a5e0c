// Jobs that the tests of the native runtime upload. Compiled twice: VERSION
// tells the two libraries apart.

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <hearth/job.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

using hearth::config;
using hearth::context;

} // namespace

// In a header, this would be one variable for all libraries of the process.
inline int unique_version = VERSION;

inline int& counter() {
  static int result = 0;
  return result;
}

namespace {

struct version {
  int run(context&, const config&) {
    return unique_version;
  }
};

struct count_up {
  int run(context&, const config&) {
    return ++counter();
  }
};

/// Another layout in each version.
struct shape {
#if VERSION == 1
  int number = 1;
#else
  std::string text = std::string(100, 'x');
  int number = 2;
#endif
};

struct shared_shape {
  int run(context& x, const config&) {
    return x.objects()
      .get_or_create<shape>("shape", [] { return shape{}; })
      ->number;
  }
};

struct creates_once {
  struct slow {
    int made_by;
  };

  int run(context& x, const config&) {
    auto made = x.objects().get_or_create<slow>("slow", [&] {
      x.sleep_for(std::chrono::milliseconds{200});
      return slow{++counter()};
    });
    return made->made_by;
  }
};

struct greet {
  hearth::validated<std::string> validate(context&, const config& x) {
    auto name = x.get<std::string>("input.name");
    if (name.empty())
      return hearth::problems{"input.name must not be empty"};
    return name;
  }

  std::string run(context&, const std::string& name) {
    return "Hello, " + name;
  }
};

struct about {
  void run(context& x, const config& c, hearth::json_writer& out) {
    out.begin_object();
    out.member("job", x.job_id()).member("context", x.name());
    out.member("cores", x.pool_size());
    out.member("setting", x.setting(c.get_or("setting", "none")));
    out.end_object();
  }
};

/// What the process was started with.
struct environment {
  void run(context&, const config&, hearth::json_writer& out) {
    out.begin_object();
    for (auto** entry = environ; entry && *entry; ++entry) {
      std::string text = *entry;
      auto end = text.find('=');
      if (end != std::string::npos)
        out.member(text.substr(0, end), text.substr(end + 1));
    }
    out.end_object();
  }
};

struct custom_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct fails {
  void run(context&, const config& x) {
    throw custom_error(x.get_or("message", "it failed"));
  }
};

struct fails_without_exception_type {
  void run(context&, const config&) {
    throw 42;
  }
};

struct waits {
  void run(context& x, const config&) {
    for (;;)
      x.sleep_for(std::chrono::hours{1});
  }
};

/// Ends when the test wants it to: once there is a file of that name.
struct waits_for_file {
  std::string run(context& x, const config& c) {
    auto file = c.get<std::string>("file");
    while (!std::ifstream{file})
      x.sleep_for(std::chrono::milliseconds{20});
    return "found";
  }
};

/// Checks as loops do that compute.
struct spins {
  void run(context& x, const config&) {
    for (;;)
      x.check_stop();
  }
};

/// Its pieces would each take minutes.
struct spreads {
  void run(context& x, const config&) {
    x.parallel_for(10'000'000, [](std::size_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    });
  }
};

/// Never looks whether it is to stop.
struct endures {
  void run(context&, const config&) {
    for (;;)
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
};

struct naps {
  std::int64_t run(context& x, const config& config) {
    auto time = config.get_or("millis", std::int64_t{100});
    x.sleep_for(std::chrono::milliseconds{time});
    return time;
  }
};

/// Leaves a mark in a file, so that it can be counted how often it ran, naps,
/// and returns the mark.
struct marks {
  std::string run(context& x, const config& c) {
    auto mark = c.get<std::string>("mark");
    auto line = mark + '\n';
    auto fd = ::open(c.get<std::string>("file").c_str(),
                     O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0 || ::write(fd, line.data(), line.size()) < 0)
      throw std::runtime_error("the mark cannot be written");
    ::close(fd);
    x.sleep_for(std::chrono::milliseconds{c.get_or("millis", 0)});
    return mark;
  }
};

struct streams_on {
  void run(context&, const config&, hearth::json_writer& out) {
    out.begin_array();
    for (;;)
      out.write("endless");
  }
};

/// MiB that `floods` has written.
std::atomic<int> flooded_mib{0};

/// Writes an array of that many texts of a MiB each, then fails if asked to.
struct floods {
  void run(context&, const config& x, hearth::json_writer& out) {
    std::string text(1 << 20, 'x');
    flooded_mib = 0;
    out.begin_array();
    for (int i = 0; i < x.get<int>("mib"); ++i, ++flooded_mib)
      out.write(text);
    if (x.get_or("fails", false))
      throw custom_error("it failed after all that");
    out.end_array();
  }
};

struct flooded {
  int run(context&, const config&) {
    return flooded_mib;
  }
};

/// Logs a line, says how far it is, and stays.
struct reports {
  void run(context& x, const config& c) {
    x.log(hearth::level::info, c.get<std::string>("line"));
    x.progress(3, 10, "thirds");
    waits{}.run(x, c);
  }
};

struct fills {
  std::string run(context&, const config& x) {
    return std::string(x.get<std::size_t>("bytes"), 'x');
  }
};

} // namespace

HEARTH_JOB(version)
HEARTH_JOB(count_up)
HEARTH_JOB(shared_shape)
HEARTH_JOB(creates_once)
HEARTH_JOB(greet)
HEARTH_JOB(about)
HEARTH_JOB(environment)
HEARTH_JOB(fails)
HEARTH_JOB(fails_without_exception_type)
HEARTH_JOB(waits)
HEARTH_JOB(waits_for_file)
HEARTH_JOB(spins)
HEARTH_JOB(spreads)
HEARTH_JOB(endures)
HEARTH_JOB(naps)
HEARTH_JOB(marks)
HEARTH_JOB(streams_on)
HEARTH_JOB(floods)
HEARTH_JOB(flooded)
HEARTH_JOB(reports)
HEARTH_JOB(fills)
