#include "base/private_files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace hearth {

namespace {

namespace fs = std::filesystem;

} // namespace

void make_private_folder(const fs::path& folder) {
  if (folder.empty() || ::mkdir(folder.c_str(), S_IRWXU) == 0)
    return;
  auto error = errno;
  if (error == ENOENT && folder.has_parent_path()
      && folder.parent_path() != folder) {
    make_private_folder(folder.parent_path());
    error = ::mkdir(folder.c_str(), S_IRWXU) == 0 ? 0 : errno;
  }
  if (error == EEXIST && fs::is_directory(folder))
    return;
  if (error != 0)
    throw fs::filesystem_error("cannot make the folder", folder,
                               {error, std::generic_category()});
}

std::FILE* open_private_file(const fs::path& file) {
  auto open = [&file] {
    return ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  S_IRUSR | S_IWUSR);
  };
  auto fd = open();
  if (fd < 0 && errno == ENOENT) {
    try {
      make_private_folder(file.parent_path());
      fd = open();
    } catch (const fs::filesystem_error& e) {
      errno = e.code().value();
    }
  }
  if (fd < 0)
    return nullptr;
  auto* result = ::fdopen(fd, "wb");
  if (!result)
    ::close(fd);
  return result;
}

} // namespace hearth
