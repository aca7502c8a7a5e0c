#include "actors/content_files.hpp"

#include <array>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <openssl/evp.h>

#include "actors/flushed_file.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

const char* ending(binary_type type) {
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

} // namespace

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha256(),
                 nullptr)
      != 1)
    throw std::runtime_error("SHA-256 failed");
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  result.reserve(2 * size);
  for (unsigned i = 0; i < size; ++i) {
    result += digits[hash[i] >> 4];
    result += digits[hash[i] & 0xf];
  }
  return result;
}

content_files::content_files(std::string folder) : folder_(std::move(folder)) {
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::owner_all);
  folder_ = fs::absolute(folder_).string();
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
