#include "runtime/native/agent/settings.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <thread>

namespace hearth::native {

namespace {

std::string setting(const protocol::start_file& start, const char* key) {
  auto i = start.settings.find(key);
  return i == start.settings.end() ? std::string{} : i->second.text;
}

} // namespace

unsigned cores(const protocol::start_file& start) {
  auto text = setting(start, "num-cpu-cores");
  unsigned result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  constexpr unsigned most = 1024;
  return std::clamp(result == 0 ? std::thread::hardware_concurrency() : result,
                    1U, most);
}

bool isolates(const protocol::start_file& start) {
  auto text = setting(start, "isolate");
  if (text == "process")
    return true;
  if (text.empty() || text == "none")
    return false;
  throw std::invalid_argument(
    "the setting isolate has to be 'process' (each job in a process of its "
    "own) or 'none', not '"
    + text + "'");
}

} // namespace hearth::native
