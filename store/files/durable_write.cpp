#include "store/files/durable_write.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "base/private_files.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

constexpr const char* scratch_ending = ".part";

/// A descriptor that the destructor closes.
class file {
public:
  file(const fs::path& path, int flags)
    : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (fd_ < 0)
      fail("cannot open");
  }

  ~file() {
    ::close(fd_);
  }

  file(const file&) = delete;
  file& operator=(const file&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      auto n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno != EINTR)
        fail("cannot write");
      if (n > 0)
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void flush() {
    if (::fsync(fd_) != 0)
      fail("cannot flush");
  }

private:
  [[noreturn]] void fail(const char* what) const {
    throw fs::filesystem_error(what, path_, {errno, std::system_category()});
  }

  fs::path path_;
  int fd_;
};

/// Makes a folder that has vanished, or was never there, and has it stay.
void require_folder(const fs::path& folder) {
  if (folder.empty() || ::access(folder.c_str(), F_OK) == 0)
    return;
  make_private_folder(folder);
  auto above = folder.parent_path();
  file{above.empty() ? fs::path{"."} : above, O_RDONLY | O_DIRECTORY}.flush();
}

} // namespace

void write_flushed(const fs::path& target, std::string_view content) {
  auto scratch = target;
  scratch += scratch_ending;
  require_folder(target.parent_path());
  try {
    file out{scratch, O_WRONLY | O_CREAT | O_TRUNC};
    out.write(content);
    out.flush();
  } catch (...) {
    std::error_code ignored; // the first failure is the one to tell
    fs::remove(scratch, ignored);
    throw;
  }
  fs::rename(scratch, target);
  auto folder = target.parent_path();
  file{folder.empty() ? fs::path{"."} : folder, O_RDONLY | O_DIRECTORY}.flush();
}

void remove_unfinished(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& x : fs::directory_iterator{folder})
    if (x.path().extension() == scratch_ending)
      found.push_back(x.path());
  for (const auto& x : found) {
    std::error_code ignored; // it takes space, and does no other harm
    fs::remove(x, ignored);
  }
}

} // namespace hearth
