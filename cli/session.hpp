/// What a verb has at hand: the server, the terminal, how to speak to both.
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

  /// Sends a request; while it takes, `title` stands on the terminal.
  /// @throws refused unless the answer is a good one
  answer ask(const request& in, std::string_view title);

  /// As `ask`, but any answer is returned.
  answer ask_any(const request& in, std::string_view title);

  /// Prints an answer as it came, for --json.
  void print(const answer& x);

  /// Prints a good answer: as it came, or a line for people instead.
  void print(const answer& x, std::string_view line);

  /// Tells what a job, or the server, said when it failed.
  /// @param prefix e.g. `job 17 `
  void complain(const answer& x, std::string_view prefix = {});

  http_client& client;
  std::ostream& out;
  std::ostream& err;
  const bool json;
  const bool verbose;
  const std::size_t width;
};

/// What an error body says: its headline if it has one of its own, else the
/// class of the exception; the message; the stack only if `verbose`.
std::string explain(const answer& x, bool verbose);

} // namespace hearth::cli
