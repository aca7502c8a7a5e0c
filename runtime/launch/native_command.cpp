#include "runtime/launch/native_command.hpp"

#include <filesystem>
#include <unistd.h>

namespace hearth::launch {

namespace fs = std::filesystem;

process_spec native_command(const std::string& agent,
                            const std::string& start_file,
                            const std::string& context_dir) {
  std::error_code code;
  auto path = agent.empty() ? fs::read_symlink("/proc/self/exe", code)
                                .replace_filename("hearth-agent-native")
                            : fs::absolute(agent);
  if (::access(path.c_str(), X_OK) != 0)
    throw launch_error("there is no agent for native contexts: " + path.string()
                       + " cannot be run; hearth.native.agent says where it "
                         "lies");
  process_spec result;
  result.argv = {path.string(), start_file};
  result.working_dir = context_dir;
  result.log_file = context_dir + "/driver.log";
  return result;
}

} // namespace hearth::launch
