#include "runtime/launch/process_info.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

namespace {

struct stat_line {
  char state = 0;
  std::int64_t start_time = 0;
};

/// proc(5): the second field is the name in parentheses, which may hold spaces
/// and parentheses itself; the third is the state, the 22nd the start time.
stat_line read_stat(std::int64_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string line;
  std::getline(file, line);
  stat_line result;
  auto name_end = line.rfind(')');
  if (name_end == std::string::npos)
    return result;
  std::istringstream fields{line.substr(name_end + 1)};
  fields >> result.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field)
    fields >> skipped;
  fields >> result.start_time;
  return result;
}

} // namespace

std::int64_t start_time_of(pid_t pid) {
  return read_stat(pid).start_time;
}

bool alive(process_id process) {
  if (process.pid == 0)
    return false;
  auto now = read_stat(process.pid);
  return now.start_time == process.start_time && now.state != 'Z'
         && now.state != 'X' && now.state != 0;
}

std::string to_string(const process_exit& x) {
  if (!x.known)
    return "ended";
  if (x.signal == 0)
    return "exited with code " + std::to_string(x.code);
  auto* name = ::sigabbrev_np(x.signal);
  return "was killed by signal " + std::to_string(x.signal)
         + (name != nullptr ? " (SIG" + std::string{name} + ")" : "");
}

std::string tail(const std::string& file, std::size_t max_bytes) {
  std::ifstream in{file, std::ios::binary | std::ios::ate};
  if (!in)
    return {};
  auto size = static_cast<std::size_t>(in.tellg());
  auto length = std::min(size, max_bytes);
  std::string result(length, '\0');
  in.seekg(static_cast<std::streamoff>(size - length));
  in.read(result.data(), static_cast<std::streamsize>(length));
  result.resize(static_cast<std::size_t>(in.gcount()));
  if (length < size)
    result.erase(0, result.find('\n') + 1);
  return result;
}

} // namespace hearth::launch
