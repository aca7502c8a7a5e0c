/// Finds out which command spark-submit would run in the end, so that drivers
/// can be started with that command directly. The shell scripts of
/// spark-submit, and the JVM that they run only to make a command line, take as
/// long as the start of Spark itself.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// A question to Spark's own launcher: which command starts this driver?
struct submit_question {
  std::vector<std::string> key; ///< equal keys have the same answer
  std::string files; ///< the state of the files that the launcher reads
  process_spec command;
  std::string out; ///< the file that it writes its answer to
};

/// The launcher's answer; `argv` is empty if it had none.
struct submit_answer {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
};

/// Asks the launcher. This blocks for some tenths of a second, and on a busy
/// machine for up to 20 s. Thread-safe.
submit_answer ask(const submit_question& x);

/// Remembers the launcher's answers, so that each question is asked only once.
/// The files spark-env.sh, spark-defaults.conf and java-opts and the
/// environment have the same effect as with spark-submit: after one of the
/// files has changed, the question is asked again. Not thread-safe. Blocks no
/// longer than it takes to look at these files.
class submit_commands {
public:
  /// Translates a call of spark-submit into the command of a JVM.
  /// @param submit a call of `SPARK_HOME/bin/spark-submit` with SPARK_HOME in
  ///        its environment
  /// @param own how many of the last arguments belong to the program and not to
  ///        the question
  /// @returns the command of the JVM; `submit` itself if the launcher had no
  ///          answer, so that spark-submit says why; nothing if the launcher
  ///          was not asked yet
  std::optional<process_spec> direct(const process_spec& submit,
                                     std::size_t own) const;

  /// Returns the question that has to be asked first. Its working directory has
  /// to exist, because two scratch files are made there.
  submit_question question(const process_spec& submit, std::size_t own);

  /// Remembers an answer.
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

/// Whether this is the command of a JVM, and not a call of spark-submit.
bool is_direct(const process_spec& command);

} // namespace hearth::launch
