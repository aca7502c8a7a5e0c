/// Finds out which command spark-submit would end in, so that drivers can be
/// started by that command directly. The shell scripts of spark-submit, and the
/// JVM that they run only to write a command line, take as long as the start of
/// Spark itself.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// A question to Spark's own launcher.
struct submit_question {
  std::vector<std::string> key; ///< questions with equal keys have one answer
  std::string files;            ///< those that the launcher reads, as they were
  process_spec command;
  std::string out; ///< where it writes its answer
};

/// The launcher's answer; `argv` is empty if it had none.
struct submit_answer {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
};

/// Asks the launcher. This blocks for some tenths of a second, and on a busy
/// machine for up to 20 s. Thread-safe.
submit_answer ask(const submit_question& x);

/// Remembers the launcher's answers, so that each question is asked once. The
/// files spark-env.sh, spark-defaults.conf and java-opts and the environment
/// have the effect that they have on spark-submit; a question is asked again
/// after one of the files has changed. Not thread-safe; blocks for no longer
/// than it takes to look at these files.
class submit_commands {
public:
  /// @param submit a call of `SPARK_HOME/bin/spark-submit` with SPARK_HOME in
  ///        its environment
  /// @param own how many of the last arguments are the program's: they are no
  ///        part of the question
  /// @returns the same call as the command of the JVM that it would end in;
  ///          `submit` itself where the launcher has no answer, so that
  ///          spark-submit says why; nothing if the launcher was not asked yet
  std::optional<process_spec> direct(const process_spec& submit,
                                     std::size_t own) const;

  /// What to ask for that. Its working directory has to exist: two scratch
  /// files are made there.
  submit_question question(const process_spec& submit, std::size_t own);

  void learn(const submit_question& x, submit_answer answer);

private:
  struct known {
    std::string files;
    submit_answer answer;
    std::chrono::steady_clock::time_point time;
  };

  std::map<std::vector<std::string>, known> known_;
  unsigned questions_ = 0;
};

/// Whether this is the command of a JVM and not of spark-submit.
bool is_direct(const process_spec& command);

} // namespace hearth::launch
