#include "runtime/launch/submit_command.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/launch/environment.hpp"
#include "runtime/launch/proc_stat.hpp"
#include "runtime/launch/spawn.hpp"

namespace hearth::launch {

namespace {

constexpr std::string_view main_class = "org.apache.spark.deploy.SparkSubmit";
constexpr int patience = 20'000; // ms

/// How long it counts that the launcher had no answer: it may have been a bad
/// moment of the machine.
constexpr std::chrono::seconds doubt{30};

/// The script spark-class without its last step. It writes the environment, an
/// empty entry, and the launcher's output; each entry ends with NUL.
constexpr auto script = R"(
exec 3>"$1" >&2; shift
. "$SPARK_HOME/bin/load-spark-env.sh"
runner=${JAVA_HOME:+$JAVA_HOME/bin/}java
env -0 >&3; printf '\0' >&3
exec "$runner" -Xmx128m $SPARK_LAUNCHER_OPTS -cp "$SPARK_HOME/jars/*" \
  org.apache.spark.launcher.Main org.apache.spark.deploy.SparkSubmit "$@" >&3
)";

using texts = std::vector<std::string>;

/// Returns everything that the launcher's answer depends on, apart from files:
/// the arguments that do not belong to the program, and the environment.
texts key_of(const process_spec& submit, std::size_t own) {
  texts result{submit.argv.begin(),
               submit.argv.end() - static_cast<std::ptrdiff_t>(own)};
  for (const auto& [name, value] : submit.env)
    result.push_back(name + '=' + value);
  return result;
}

/// Path, size and time of each file that the launcher reads.
std::string stamp(const process_spec& submit) {
  auto env = inherited(submit.inherit);
  for (const auto& [name, value] : submit.env)
    env[name] = value;
  auto conf = env["SPARK_CONF_DIR"];
  if (conf.empty())
    conf = env["SPARK_HOME"] + "/conf";
  std::string result;
  for (const auto* name :
       {"spark-env.sh", "spark-defaults.conf", "java-opts"}) {
    auto path = conf + "/" + name;
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0)
      result += path + ' ' + std::to_string(info.st_size) + ' '
                + std::to_string(info.st_mtim.tv_sec) + '.'
                + std::to_string(info.st_mtim.tv_nsec) + '\n';
  }
  return result;
}

/// Runs it to its end. @returns whether it ended well and in time
bool run(const process_spec& spec) {
  auto pid = spawn(spec);
  auto fd = open_pidfd(pid);
  pollfd ready{fd, POLLIN, 0};
  auto ended = fd >= 0 && ::poll(&ready, 1, patience) == 1;
  if (!ended)
    ::kill(-pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (fd >= 0)
    ::close(fd);
  return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

texts read_entries(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  texts result;
  for (std::string x; std::getline(in, x, '\0');)
    result.push_back(std::move(x));
  return result;
}

/// Whether every child of the server has this entry, or the shell that was
/// asked made it.
bool is_common(const std::string& entry, const environment& every_child) {
  auto name = entry.substr(0, entry.find('='));
  if (name == "_" || name == "PWD" || name == "OLDPWD" || name == "SHLVL")
    return true;
  auto own = every_child.find(name);
  return own != every_child.end() && entry == name + "=" + own->second;
}

} // namespace

submit_answer ask(const submit_question& x) {
  submit_answer result;
  texts entries;
  auto good = false;
  try {
    good = run(x.command);
    entries = read_entries(x.out);
  } catch (const launch_error&) {
    // spark-submit then says why.
  }
  std::error_code ignored;
  std::filesystem::remove(x.out, ignored);
  std::filesystem::remove(x.command.log_file, ignored);
  auto env_end = std::find(entries.begin(), entries.end(), "");
  // An entry that begins with a line's end is the first of the command.
  auto begin = std::find_if(env_end, entries.end(), [](auto& e) {
    return e.size() > 1 && e[0] == '\n';
  });
  auto end = std::find(begin, entries.end(), main_class);
  if (!good || end == entries.end())
    return result;
  auto every_child = inherited(x.command.inherit);
  for (auto e = entries.begin(); e != env_end; ++e)
    if (!is_common(*e, every_child))
      result.env[e->substr(0, e->find('='))] = e->substr(e->find('=') + 1);
  begin->erase(0, 1);
  result.argv.assign(begin, entries.end());
  return result;
}

submit_question submit_commands::question(const process_spec& submit,
                                          std::size_t own) {
  submit_question x;
  x.key = key_of(submit, own);
  x.files = stamp(submit);
  auto scratch
    = submit.working_dir + "/launcher-" + std::to_string(++questions_);
  x.out = scratch + ".out";
  x.command = submit;
  x.command.argv = {"bash", "-c", script, "spark-class", x.out};
  x.command.argv.insert(x.command.argv.end(), submit.argv.begin() + 1,
                        submit.argv.end() - static_cast<std::ptrdiff_t>(own));
  x.command.log_file = scratch + ".err";
  return x;
}

void submit_commands::learn(const submit_question& x, submit_answer answer) {
  known_.insert_or_assign(
    x.key, known{x.files, std::move(answer), std::chrono::steady_clock::now()});
}

std::optional<process_spec> submit_commands::direct(const process_spec& submit,
                                                    std::size_t own) const {
  auto own_begin = submit.argv.end() - static_cast<std::ptrdiff_t>(own);
  auto i = known_.find(key_of(submit, own));
  if (i == known_.end() || i->second.files != stamp(submit))
    return std::nullopt;
  auto& [files, answer, time] = i->second;
  if (answer.argv.empty()) {
    if (std::chrono::steady_clock::now() - time > doubt)
      return std::nullopt;
    return submit;
  }
  auto result = submit;
  result.argv = answer.argv;
  result.argv.insert(result.argv.end(), own_begin, submit.argv.end());
  result.env = answer.env;
  // The script spark-submit sets this variable.
  result.env["PYTHONHASHSEED"] = "0";
  return result;
}

bool is_direct(const process_spec& command) {
  return std::find(command.argv.begin(), command.argv.end(), main_class)
         != command.argv.end();
}

} // namespace hearth::launch
