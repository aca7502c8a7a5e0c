#include "store/files/result_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

#include "base/private_files.hpp"
#include "store/files/read_block.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

/// How often the disk's space is looked at, and how much may wait in memory
/// for the disk before it is pushed there: so the flush at the end is short.
constexpr std::uint64_t stride = 8 << 20;

[[noreturn]] void fail(const std::string& what, int code = errno) {
  throw std::system_error(code, std::generic_category(), what);
}

int open_or_fail(const std::string& path, int flags) {
  auto fd = ::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0)
    fail("cannot open " + path);
  return fd;
}

/// Makes the folder if it has vanished.
int open_part(const std::string& folder, const std::string& path) {
  make_private_folder(folder);
  return open_or_fail(path, O_RDWR | O_CREAT | O_TRUNC);
}

/// A descriptor that the destructor closes.
struct closer {
  int fd;
  ~closer() {
    ::close(fd);
  }
};

} // namespace

result_file::result_file(const std::string& folder, const std::string& id,
                         std::uint64_t min_free)
  : part_(folder + "/" + id + ".part"), path_(folder + "/" + id),
    min_free_(min_free), fd_(open_part(folder, part_)) {
  // nop
}

result_file::~result_file() {
  ::close(fd_);
  if (!committed_)
    ::unlink(part_.c_str());
}

void result_file::check_space() {
  struct statvfs disk {};
  if (::fstatvfs(fd_, &disk) != 0)
    fail("cannot look at the disk of " + part_);
  if (std::uint64_t{disk.f_bavail} * disk.f_frsize < min_free_ + stride)
    fail("less than " + std::to_string(min_free_)
           + " bytes would be left free (hearth.jobs.min-free-space) on the "
             "disk of "
           + path_,
         ENOSPC);
  checked_ = size_ + stride;
}

void result_file::append(std::string_view bytes) {
  if (size_ + bytes.size() > checked_)
    check_space();
  while (!bytes.empty()) {
    auto n
      = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (n < 0 && errno != EINTR)
      fail("cannot write " + part_);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      size_ += static_cast<std::uint64_t>(n);
    }
  }
  if (size_ - pushed_ >= stride) {
    // Begins the writing and does not wait for it; a file system that cannot
    // do so writes when it likes.
    static_cast<void>(::sync_file_range(fd_, static_cast<off64_t>(pushed_),
                                        static_cast<off64_t>(size_ - pushed_),
                                        SYNC_FILE_RANGE_WRITE));
    pushed_ = size_;
  }
}

std::string result_file::read(std::uint64_t offset, std::size_t limit) const {
  return read_block(fd_, part_, offset, limit);
}

void result_file::commit(durability level) {
  if (level == durability::flushed && ::fdatasync(fd_) != 0)
    fail("cannot flush " + part_);
  fs::rename(part_, path_);
  committed_ = true;
  if (level == durability::flushed) {
    auto folder = fs::path{path_}.parent_path().string();
    closer dir{open_or_fail(folder, O_RDONLY | O_DIRECTORY)};
    if (::fsync(dir.fd) != 0)
      fail("cannot flush " + folder);
  }
}

std::string read_result(const std::string& folder, const std::string& id,
                        std::uint64_t offset, std::size_t limit,
                        std::uint64_t& size) {
  return read_block(folder + "/" + id, offset, limit, size);
}

void remove_result(const std::string& folder, const std::string& id) noexcept {
  ::unlink((folder + "/" + id).c_str());
}

std::size_t sweep_results(const std::string& folder, store& db) {
  make_private_folder(folder);
  fs::permissions(folder, fs::perms::owner_all);
  std::size_t removed = 0;
  for (const auto& entry : fs::directory_iterator{folder}) {
    auto job = db.job(entry.path().filename().string());
    auto whole
      = job && job->state == job_state::finished && job->result_size > 0
        && static_cast<std::uintmax_t>(job->result_size) == entry.file_size();
    if (!whole)
      removed += fs::remove_all(entry.path());
  }
  return removed;
}

} // namespace hearth
