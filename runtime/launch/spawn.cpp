#include "runtime/launch/spawn.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <signal.h>
#include <spawn.h>
#include <system_error>
#include <unistd.h>

#include "runtime/launch/environment.hpp"

namespace hearth::launch {

namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw launch_error(what + ": " + std::generic_category().message(error));
}

void check_text(const std::string& what, const std::string& text) {
  if (text.find('\0') != std::string::npos)
    throw launch_error(what + " contains a NUL character");
}

void check(const process_spec& spec) {
  if (spec.argv.empty() || spec.argv[0].empty())
    throw launch_error("no program to start");
  for (const auto& x : spec.argv)
    check_text("an argument of " + spec.argv[0], x);
  for (const auto& [key, value] : spec.env) {
    if (key.empty() || key.find_first_of(std::string("=\0", 2)) != key.npos)
      throw launch_error("'" + key + "' cannot name an environment variable");
    check_text("environment variable " + key, value);
  }
  // This is checked here because posix_spawn does not say which of its steps
  // failed.
  std::error_code ec;
  if (!std::filesystem::is_directory(spec.working_dir, ec))
    fail("working directory " + spec.working_dir, ec ? ec.value() : ENOTDIR);
}

/// Returns the inherited variables and those of the spec, which win, as
/// `KEY=value`.
std::vector<std::string> environment_of(const process_spec& spec) {
  auto all = inherited(spec.inherit);
  for (const auto& [key, value] : spec.env)
    all[key] = value;
  std::vector<std::string> result;
  result.reserve(all.size());
  for (const auto& [key, value] : all)
    result.push_back(key + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& x : texts)
    result.push_back(x.data());
  result.push_back(nullptr);
  return result;
}

struct file_descriptor {
  ~file_descriptor() {
    ::close(fd);
  }
  int fd;
};

struct spawn_setup {
  spawn_setup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~spawn_setup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  spawn_setup(const spawn_setup&) = delete;
  spawn_setup& operator=(const spawn_setup&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

} // namespace

pid_t spawn(const process_spec& spec) {
  check(spec);
  file_descriptor log{::open(spec.log_file.c_str(),
                             O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  if (log.fd < 0)
    fail("log file " + spec.log_file, errno);

  spawn_setup setup;
  auto* actions = &setup.actions;
  // These first: their descriptors may be among the three that are replaced.
  int error = spec.stdin_fd < 0
                ? 0
                : posix_spawn_file_actions_adddup2(actions, spec.stdin_fd, 0);
  if (!error)
    error = posix_spawn_file_actions_adddup2(actions, log.fd, 1);
  if (!error)
    error = posix_spawn_file_actions_adddup2(actions, log.fd, 2);
  if (!error && spec.stdin_fd < 0)
    error
      = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
  if (!error)
    error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
  if (!error)
    error
      = posix_spawn_file_actions_addchdir_np(actions, spec.working_dir.c_str());
  if (error)
    fail("cannot start " + spec.argv[0], error);

  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  posix_spawnattr_setsigmask(&setup.attributes, &none);
  posix_spawnattr_setsigdefault(&setup.attributes, &all);
  posix_spawnattr_setflags(&setup.attributes, POSIX_SPAWN_SETSID
                                                | POSIX_SPAWN_SETSIGMASK
                                                | POSIX_SPAWN_SETSIGDEF);

  auto arguments = spec.argv;
  auto environment = environment_of(spec);
  pid_t pid = 0;
  error
    = posix_spawnp(&pid, arguments[0].c_str(), actions, &setup.attributes,
                   pointers(arguments).data(), pointers(environment).data());
  if (error)
    fail("cannot start " + spec.argv[0], error);
  return pid;
}

} // namespace hearth::launch
