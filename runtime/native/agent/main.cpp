// hearth-agent-native: the process of one context of C++ jobs. Its one argument
// is the start file that the server wrote; see runtime/protocol/README.md.

#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

#include "runtime/native/agent/agent.hpp"
#include "runtime/native/agent/child.hpp"
#include "runtime/native/agent/crash.hpp"
#include "runtime/native/agent/log.hpp"
#include "runtime/native/agent/settings.hpp"
#include "runtime/native/agent/zygote.hpp"

namespace {

hearth::protocol::start_file read_start_file(const char* path) {
  std::ifstream in{path};
  if (!in)
    throw std::runtime_error(std::string{path} + " cannot be read");
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  return hearth::protocol::parse_start_file(text);
}

} // namespace

int main(int argc, char** argv) {
  using namespace hearth::native;
  if (argc != 2) {
    log_line("ERROR", {}, "usage: hearth-agent-native START_FILE");
    return 2;
  }
  try {
    signal_stack stack;
    report_crashes();
    auto folder = std::filesystem::absolute(argv[1]).parent_path().string();
    auto start = read_start_file(argv[1]);
    std::string problem;
    std::optional<zygote> children;
    try {
      // Before there is any thread.
      if (isolates(start))
        children.emplace([&](owned_fd frames) {
          run_child(start, folder, std::move(frames));
        });
    } catch (const std::invalid_argument& e) {
      problem = e.what();
    }
    agent x{start, folder, children ? &*children : nullptr, problem};
    return x.run();
  } catch (const std::exception& e) {
    log_line("ERROR", {}, e.what());
    return 1;
  }
}
