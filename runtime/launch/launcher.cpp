#include "runtime/launch/launcher.hpp"

#include <algorithm>
#include <fcntl.h>
#include <string.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/launch/proc_stat.hpp"

namespace hearth::launch {

namespace {

/// The length of the UTF-8 sequence that `text` begins with, 0 if it begins
/// with none.
std::size_t sequence_size(std::string_view text) {
  auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(i) >= low && byte(i) <= high;
  };
  auto first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first <= 0xdf)
    return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    auto low = first == 0xe0 ? 0xa0u : 0x80u;  // no overlong forms
    auto high = first == 0xed ? 0x9fu : 0xbfu; // no surrogates
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    auto low = first == 0xf0 ? 0x90u : 0x80u;
    auto high = first == 0xf4 ? 0x8fu : 0xbfu; // up to U+10FFFF
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

/// Makes the text UTF-8 without making it longer.
void replace_invalid(std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    auto size = sequence_size(std::string_view{text}.substr(i));
    if (size == 0)
      text[i] = '?';
    i += std::max<std::size_t>(size, 1);
  }
}

std::string read_at(int fd, std::size_t size, off_t offset) {
  std::string result(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    auto n = ::pread(fd, result.data() + done, size - done,
                     offset + static_cast<off_t>(done));
    if (n <= 0)
      break;
    done += static_cast<std::size_t>(n);
  }
  result.resize(done);
  return result;
}

} // namespace

std::string to_string(const process_exit& x) {
  if (!x.known)
    return "ended";
  if (x.signal == 0)
    return "exited with code " + std::to_string(x.code);
  auto result = "killed by signal " + std::to_string(x.signal);
  if (const auto* name = sigabbrev_np(x.signal))
    result += std::string(" (SIG") + name + ")";
  return result;
}

bool alive(process_id process) {
  auto x = read_proc_stat(process.pid);
  return x && x->start_time == process.start_time && x->state != 'Z'
         && x->state != 'X';
}

std::string tail(const std::string& file, std::size_t max_bytes) {
  auto fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return {};
  struct stat info {};
  std::string result;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    auto size = static_cast<std::size_t>(info.st_size);
    if (size <= max_bytes) {
      result = read_at(fd, size, 0);
    } else {
      // One byte more, to see whether a line ends just before.
      result
        = read_at(fd, max_bytes + 1, static_cast<off_t>(size - max_bytes - 1));
      auto line_end = result.find('\n');
      // A last line that is longer than all we may take is cut.
      if (line_end == std::string::npos || line_end + 1 == result.size())
        line_end = 0;
      result.erase(0, line_end + 1);
      // The rest of a character that was cut in two is removed.
      auto is_rest = [](char c) { return (c & 0xc0) == 0x80; };
      auto rest = std::find_if_not(result.begin(), result.end(), is_rest);
      if (rest - result.begin() <= 3)
        result.erase(result.begin(), rest);
    }
  }
  ::close(fd);
  replace_invalid(result);
  return result;
}

} // namespace hearth::launch
