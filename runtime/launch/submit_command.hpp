/// What spark-submit would run, without running it: its shell scripts and the
/// JVM that only writes a command line cost as much as starting Spark.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// What Spark's own launcher has to be asked.
struct submit_question {
  std::vector<std::string> key; ///< equal for questions with one answer
  std::string files;            ///< those that the launcher reads, as they were
  process_spec command;
  std::string out; ///< where it writes its answer
};

/// What it said; no argv if it had no answer.
struct submit_answer {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
};

/// Asks it: blocks for some tenths of a second, and up to 20 s on a machine
/// that has no time. Thread-safe.
submit_answer ask(const submit_question& x);

/// What Spark's launcher was asked, once for each question: spark-env.sh,
/// spark-defaults.conf, java-opts and the environment count as they do there.
/// A file of those that changes is noticed. Not thread-safe; blocks for no
/// longer than it takes to look at these files.
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
