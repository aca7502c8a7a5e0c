// The server: reads its settings, runs a node until it is told to stop.

#include <csignal>
#include <exception>
#include <iostream>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "apps/node.hpp"
#include "conf/load.hpp"
#include "http/wire/descriptors.hpp"

namespace {

constexpr int wrong_settings = 2;

void start_log(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("hearthd"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

int serve(const hearth::conf::loaded& loaded) {
  start_log(loaded.settings.log_level);
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
