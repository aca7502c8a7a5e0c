/// What spark-submit would run, without running it: its shell scripts and the
/// JVM that only writes a command line cost as much as starting Spark.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// Asks Spark's own launcher, once for each question: spark-env.sh,
/// spark-defaults.conf, java-opts and the environment count as they do there.
/// A file of those that changes is noticed. Not thread-safe; a question that
/// is new blocks for some tenths of a second.
class submit_commands {
public:
  /// @param submit a call of `SPARK_HOME/bin/spark-submit` with SPARK_HOME in
  ///        its environment and an existing working directory, in which two
  ///        scratch files are made
  /// @param own how many of the last arguments are the program's: they are no
  ///        part of the question
  /// @returns the same call as the command of the JVM that it would end in;
  ///          `submit` itself where the launcher has no answer, so that
  ///          spark-submit says why
  process_spec direct(const process_spec& submit, std::size_t own);

private:
  struct answer {
    std::string files; ///< which files it was made from, as they were
    std::vector<std::string> argv;
    std::map<std::string, std::string> env;
  };

  std::map<std::vector<std::string>, answer> known_;
};

/// Whether this is the command of a JVM and not of spark-submit.
bool is_direct(const process_spec& command);

} // namespace hearth::launch
