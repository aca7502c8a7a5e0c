#include "apps/serve.hpp"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>

#include <spdlog/spdlog.h>

#include "apps/log.hpp"
#include "apps/node.hpp"
#include "conf/load.hpp"
#include "http/wire/descriptors.hpp"

namespace hearth {

namespace {

constexpr int wrong_settings = 2;

/// Writes all logged lines, however the server ends.
struct log_until_end {
  explicit log_until_end(const std::string& level) {
    start_log(level);
  }
  ~log_until_end() {
    end_log();
  }
  log_until_end(const log_until_end&) = delete;
  log_until_end& operator=(const log_until_end&) = delete;
};

/// Ends the process without running destructors, one of which might wait for
/// something that hangs.
[[noreturn]] void end_process(int code) {
  end_log();
  std::_Exit(code);
}

int run(const conf::loaded& loaded, node_faults faults) {
  log_until_end log{loaded.settings.log_level};
  for (auto& warning : loaded.warnings)
    spdlog::warn("{}", warning);
  http::raise_descriptor_limit();
  node server{loaded.settings, std::move(faults)};
  spdlog::info("listening on http://{}:{}", loaded.settings.http.address,
               server.port());
  if (auto lost = server.wait(); !lost.empty()) {
    // As after a kill: contexts live on, and the next server takes them over.
    spdlog::critical("{}: the server cannot go on and ends", lost);
    end_process(EXIT_FAILURE);
  }
  if (auto given_up = server.stop(); !given_up.empty()) {
    for (auto& what : given_up)
      spdlog::error("the stop gave up {}", what);
    end_process(exit_given_up);
  }
  spdlog::info("stopped");
  return EXIT_SUCCESS;
}

} // namespace

int serve(int argc, char** argv, node_faults faults) {
  // A client that went away is an error of a write, not the server's end.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    auto loaded = conf::load(argc, argv, std::cout);
    return loaded ? run(*loaded, std::move(faults)) : EXIT_SUCCESS;
  } catch (const conf::config_error& e) {
    std::cerr << "hearthd: " << e.what() << '\n';
    return wrong_settings;
  } catch (const std::exception& e) {
    std::cerr << "hearthd: " << e.what() << '\n';
    return EXIT_FAILURE;
  }
}

} // namespace hearth
