/// The exit codes of the program, and the exceptions that lead to them.
#pragma once

#include <stdexcept>
#include <string>

#include "cli/http_client.hpp"

namespace hearth::cli {

/// Scripts rely on these numbers; help.cpp explains each to users.
enum class exit_code {
  ok = 0,
  refused = 1,     ///< the server answered with an error
  usage = 2,       ///< the command line is wrong
  unreachable = 3, ///< no server answered, or not with HTTP
  job_failed = 4,  ///< the job ended in ERROR or was killed
  timed_out = 5,   ///< the job or context was not done in time
  file = 6,        ///< a local file or the output failed
};

/// The command line cannot be understood.
struct usage_error : std::runtime_error {
  using runtime_error::runtime_error;
};

/// A file cannot be read, or the output cannot be written.
struct file_error : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The server answered with an error.
struct refused : std::runtime_error {
  explicit refused(cli::answer x)
    : runtime_error("refused"), answer(std::move(x)) {
    // nop
  }

  cli::answer answer;
};

} // namespace hearth::cli
