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

std::string sha256_of_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    throw fs::filesystem_error("cannot open", path,
                               {errno, std::system_category()});
  note_large_work("hash a file");
  context_ptr context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  auto good = EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<char> block(1 << 16);
  while (good
         && in.read(block.data(), static_cast<std::streamsize>(block.size()))
                .gcount()
              > 0)
    good = EVP_DigestUpdate(context.get(), block.data(),
                            static_cast<std::size_t>(in.gcount()))
           == 1;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (!good || EVP_DigestFinal_ex(context.get(), hash.data(), &size) != 1)
    throw std::runtime_error("SHA-256 failed");
  return hex(hash.data(), size);
}

} // namespace hearth
