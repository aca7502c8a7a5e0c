#include "runtime/launch/python_command.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <unistd.h>

namespace hearth::launch {

namespace {

namespace fs = std::filesystem;

constexpr auto program = "hearth_agent.py";

bool can_run(const fs::path& path) {
  std::error_code code;
  return !fs::is_directory(path, code) && ::access(path.c_str(), X_OK) == 0;
}

/// Searches the folders of PATH, as a shell does.
std::optional<fs::path> find_in_path(const std::string& name) {
  const auto* value = std::getenv("PATH");
  std::string_view rest = value ? value : "";
  while (!rest.empty()) {
    auto end = std::min(rest.find(':'), rest.size());
    auto path = fs::path{rest.substr(0, end)} / name;
    if (end > 0 && can_run(path))
      return path;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

std::string find_interpreter(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    // Relative paths would count from the context's folder.
    if (fs::path{name}.is_absolute() && can_run(name))
      return name;
    throw launch_error("python.executable has to be the absolute path of a "
                       "Python interpreter, or a name in PATH; "
                       + name + " cannot be run");
  }
  if (auto path = find_in_path(name))
    return path->string();
  throw launch_error("there is no " + name
                     + " in PATH; python.executable names the interpreter of a "
                       "Python context");
}

} // namespace

bool is_pyspark_factory(std::string_view factory) {
  return factory.starts_with("spark.jobserver.python.");
}

std::string python_agent(const std::string& agent_dir) {
  std::error_code code;
  if (!agent_dir.empty()) {
    auto path = fs::absolute(agent_dir) / program;
    if (fs::exists(path, code))
      return path.string();
    throw launch_error("there is no agent for Python contexts: " + path.string()
                       + " does not exist; hearth.python.agent-dir says where "
                         "it lies");
  }
  auto own = fs::read_symlink("/proc/self/exe", code).parent_path();
  auto beside = own / "python" / program;
  auto installed
    = (own / "../share/hearth/python" / program).lexically_normal();
  for (const auto& path : {beside, installed})
    if (fs::exists(path, code))
      return path.string();
  throw launch_error("there is no agent for Python contexts, neither "
                     + beside.string() + " nor " + installed.string()
                     + "; hearth.python.agent-dir says where it lies");
}

process_spec python_command(const std::string& agent_dir,
                            const std::string& interpreter,
                            const std::string& start_file,
                            const std::string& context_dir) {
  process_spec result;
  result.argv
    = {find_interpreter(interpreter.empty() ? "python3" : interpreter),
       python_agent(agent_dir), start_file};
  result.working_dir = context_dir;
  result.log_file = context_dir + "/driver.log";
  return result;
}

} // namespace hearth::launch
