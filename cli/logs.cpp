#include "cli/logs.hpp"

namespace hearth::cli {

exit_code print_logs(session& s, std::vector<std::string> path, bool follow) {
  request ask;
  ask.path = std::move(path);
  ask.limit = std::chrono::seconds{0};
  if (follow)
    ask.query.emplace_back("follow", "true");
  ask.sink = [&](std::string_view part) {
    if (!s.out.write(part.data(), static_cast<std::streamsize>(part.size()))
           .flush())
      throw file_error{"the output cannot be written"};
  };
  // Without a progress line: it would stand between the lines of the log.
  auto done = s.client.send(ask);
  if (!done.good())
    throw refused{std::move(done)};
  return exit_code::ok;
}

option follow_option() {
  return {.name = "follow",
          .letter = 'f',
          .help = "keep printing what is logged from now on"};
}

} // namespace hearth::cli
