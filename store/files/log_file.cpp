#include "store/files/log_file.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include <spdlog/spdlog.h>

namespace hearth {

namespace {

constexpr std::uint64_t longest_look = 16 << 20;
constexpr std::uint64_t block_size = 256 << 10;

std::uint64_t size_of(std::ifstream& file) {
  file.seekg(0, std::ios::end);
  auto end = file.tellg();
  return end < 0 ? 0 : static_cast<std::uint64_t>(end);
}

struct descriptor {
  ~descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
  int fd;
};

/// Returns the offset up to which a log was trimmed.
std::uint64_t begin_of(const std::string& file) {
  descriptor x{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  auto begin = ::lseek(x.fd, 0, SEEK_DATA);
  return begin > 0 ? static_cast<std::uint64_t>(begin) : 0;
}

std::string read_at(std::ifstream& file, std::uint64_t from,
                    std::uint64_t size) {
  std::string result(size, '\0');
  file.seekg(static_cast<std::streamoff>(from));
  file.read(result.data(), static_cast<std::streamsize>(size));
  result.resize(
    static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return result;
}

/// Removes the lines that do not belong to the job. An agent writes the job's
/// id in brackets into each of its lines.
std::string only_of(std::string text, const std::string& job) {
  if (job.empty())
    return text;
  auto mark = "[" + job + "]";
  std::string result;
  for (std::string_view rest = text; !rest.empty();) {
    auto n = std::min(rest.find('\n'), rest.size() - 1) + 1;
    if (rest.substr(0, n).find(mark) != std::string_view::npos)
      result += rest.substr(0, n);
    rest.remove_prefix(n);
  }
  return result;
}

/// Where the last `lines` lines of a text begin.
std::size_t begin_of_last(const std::string& text, std::size_t lines) {
  auto at = text.size();
  if (at > 0 && text.back() == '\n')
    --at;
  for (; lines > 0 && at > 0; --lines) {
    auto before = text.rfind('\n', at - 1);
    if (before == std::string::npos)
      return 0;
    at = before;
  }
  return at == 0 ? 0 : at + 1;
}

/// Ends with the last whole line, unless there is none.
void cut_to_lines(std::string& text) {
  auto end = text.rfind('\n');
  if (end != std::string::npos)
    text.resize(end + 1);
}

} // namespace

bool trim_log(const std::string& file, std::uint64_t max) {
  descriptor x{::open(file.c_str(), O_WRONLY | O_CLOEXEC)};
  struct stat state {};
  constexpr std::uint64_t disk_block = 512;
  if (x.fd < 0 || ::fstat(x.fd, &state) != 0
      || static_cast<std::uint64_t>(state.st_blocks) * disk_block <= max)
    return false;
  auto end = state.st_size - static_cast<off_t>(max / 2);
  auto whole = end - end % state.st_blksize;
  if (whole <= 0
      || ::fallocate(x.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, whole)
           != 0) {
    spdlog::warn("{} has grown too long and begins anew", file);
    [[maybe_unused]] auto done = ::ftruncate(x.fd, 0);
  }
  return true;
}

log_block last_lines(const std::string& file, const std::string& job,
                     std::size_t lines) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return {};
  auto size = size_of(in);
  auto from = std::max(size - std::min(size, longest_look), begin_of(file));
  auto text = read_at(in, from, size - from);
  if (from > 0)
    text.erase(0, text.find('\n') + 1);
  log_block result;
  result.next = size;
  result.text = only_of(std::move(text), job);
  result.text.erase(0, begin_of_last(result.text, lines));
  return result;
}

log_block lines_from(const std::string& file, const std::string& job,
                     std::uint64_t offset) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return {};
  auto size = size_of(in);
  if (offset > size)
    offset = 0;
  auto begin = begin_of(file);
  auto trimmed = offset < begin;
  offset = std::max(offset, begin);
  auto text = read_at(in, offset, std::min(size - offset, block_size));
  cut_to_lines(text);
  log_block result;
  result.next = offset + text.size();
  if (trimmed)
    text.erase(0, text.find('\n') + 1);
  result.text = only_of(std::move(text), job);
  return result;
}

} // namespace hearth
