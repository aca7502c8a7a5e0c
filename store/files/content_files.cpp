#include "store/files/content_files.hpp"

#include <filesystem>
#include <system_error>

#include "base/digest.hpp"
#include "base/private_files.hpp"
#include "store/files/durable_write.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

} // namespace

binary_type type_by_ending(std::string_view name) noexcept {
  for (auto type : {binary_type::egg, binary_type::wheel, binary_type::native})
    if (name.ends_with(ending(type)))
      return type;
  return binary_type::jar;
}

const char* ending(binary_type type) noexcept {
  switch (type) {
    case binary_type::jar:
      return ".jar";
    case binary_type::egg:
      return ".egg";
    case binary_type::wheel:
      return ".whl";
    case binary_type::native:
      return ".so";
  }
  return "";
}

content_files::content_files(std::string folder) : folder_(std::move(folder)) {
  make_private_folder(folder_);
  fs::permissions(folder_, fs::perms::owner_all);
  folder_ = fs::absolute(folder_).string();
  remove_unfinished(folder_);
}

std::string content_files::put(binary_type type, std::string_view content) {
  auto digest = sha256(content);
  fs::path target = path(type, digest);
  if (fs::exists(target))
    return digest;
  write_flushed(target, content);
  return digest;
}

std::string content_files::path(binary_type type,
                                const std::string& digest) const {
  return folder_ + "/" + digest + ending(type);
}

void content_files::erase(binary_type type, const std::string& digest) {
  std::error_code ignored; // it is not there, which is what was asked for
  fs::remove(path(type, digest), ignored);
}

} // namespace hearth
