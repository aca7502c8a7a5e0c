#include "base/digest.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <openssl/evp.h>

#include "base/loop_watch.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

using context_ptr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string hex(const unsigned char* bytes, unsigned size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  result.reserve(2 * size);
  for (unsigned i = 0; i < size; ++i) {
    result += digits[bytes[i] >> 4];
    result += digits[bytes[i] & 0xf];
  }
  return result;
}

} // namespace

std::string sha256(std::string_view bytes) {
  if (bytes.size() >= large_text)
    note_large_work("hash a text");
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha256(),
                 nullptr)
      != 1)
    throw std::runtime_error("SHA-256 failed");
  return hex(hash.data(), size);
}

struct sha256_stream::impl {
  context_ptr context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

sha256_stream::sha256_stream() : impl_(std::make_unique<impl>()) {
  if (EVP_DigestInit_ex(impl_->context.get(), EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
}

sha256_stream::sha256_stream(sha256_stream&&) noexcept = default;
sha256_stream& sha256_stream::operator=(sha256_stream&&) noexcept = default;
sha256_stream::~sha256_stream() = default;

void sha256_stream::add(std::string_view bytes) {
  if (EVP_DigestUpdate(impl_->context.get(), bytes.data(), bytes.size()) != 1)
    throw std::runtime_error("SHA-256 failed");
}

std::string sha256_stream::digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(impl_->context.get(), hash.data(), &size) != 1)
    throw std::runtime_error("SHA-256 failed");
  return hex(hash.data(), size);
}

std::string sha256_of_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    throw fs::filesystem_error("cannot open", path,
                               {errno, std::system_category()});
  note_large_work("hash a file");
  sha256_stream result;
  std::vector<char> block(1 << 16);
  while (
    in.read(block.data(), static_cast<std::streamsize>(block.size())).gcount()
    > 0)
    result.add({block.data(), static_cast<std::size_t>(in.gcount())});
  return result.digest();
}

} // namespace hearth
