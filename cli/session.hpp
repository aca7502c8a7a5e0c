/// What every verb works with: the connection to the server, the output, and
/// the functions that use both.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "cli/failure.hpp"
#include "cli/http_client.hpp"
#include "cli/progress.hpp"

namespace hearth::cli {

class session {
public:
  /// @param width columns of the terminal on `err`; 0: none
  session(http_client& client, std::ostream& out, std::ostream& err, bool json,
          bool verbose, std::size_t width)
    : client(client), out(out), err(err), json(json), verbose(verbose),
      width(width) {
    // nop
  }

  /// Sends a request. Shows `title` on the terminal meanwhile.
  /// @throws refused if the status of the answer is not a 2xx
  answer ask(const request& in, std::string_view title);

  /// Sends a request in the same way, and returns any answer.
  answer ask_any(const request& in, std::string_view title);

  /// Prints the body of an answer unchanged.
  void print(const answer& x);

  /// Prints the body of an answer unchanged with --json, and otherwise the line
  /// for people.
  void print(const answer& x, std::string_view line);

  /// Prints the error of a job or of the server.
  /// @param prefix e.g. `job 17 `
  void complain(const answer& x, std::string_view prefix = {});

  http_client& client;
  std::ostream& out;
  std::ostream& err;
  const bool json;
  const bool verbose;
  const std::size_t width;
};

/// Returns the text of an error body: its headline, or the class of the
/// exception if it has no headline; the message; and if `verbose`, the stack.
std::string explain(const answer& x, bool verbose);

} // namespace hearth::cli
