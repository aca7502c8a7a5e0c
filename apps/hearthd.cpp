// The server: reads its settings, runs a node until it is told to stop.

#include <csignal>
#include <exception>
#include <iostream>

#include <spdlog/spdlog.h>

#include "apps/log.hpp"
#include "apps/node.hpp"
#include "conf/load.hpp"
#include "http/wire/descriptors.hpp"

namespace {

constexpr int wrong_settings = 2;

/// Writes what was logged, however the server ends.
struct log_until_end {
  explicit log_until_end(const std::string& level) {
    hearth::start_log(level);
  }
  ~log_until_end() {
    hearth::end_log();
  }
  log_until_end(const log_until_end&) = delete;
  log_until_end& operator=(const log_until_end&) = delete;
};

int serve(const hearth::conf::loaded& loaded) {
  log_until_end log{loaded.settings.log_level};
  for (auto& warning : loaded.warnings)
    spdlog::warn("{}", warning);
  hearth::http::raise_descriptor_limit();
  hearth::node node{loaded.settings};
  spdlog::info("listening on http://{}:{}", loaded.settings.http.address,
               node.port());
  node.wait();
  node.stop();
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  // A client that went away is an error of a write, not the server's end.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    auto loaded = hearth::conf::load(argc, argv, std::cout);
    return loaded ? serve(*loaded) : 0;
  } catch (const hearth::conf::config_error& e) {
    std::cerr << "hearthd: " << e.what() << '\n';
    return wrong_settings;
  } catch (const std::exception& e) {
    std::cerr << "hearthd: " << e.what() << '\n';
    return 1;
  }
}
