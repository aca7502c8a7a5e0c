/// Computes SHA-256 digests of texts and files. Binaries are stored under the
/// digest of their content.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hearth {

/// The SHA-256 of the bytes, in lower-case hex.
std::string sha256(std::string_view bytes);

/// Computes the SHA-256 of content that arrives in pieces.
class sha256_stream {
public:
  sha256_stream();
  sha256_stream(sha256_stream&&) noexcept;
  sha256_stream& operator=(sha256_stream&&) noexcept;
  ~sha256_stream();

  void add(std::string_view bytes);

  /// Returns the digest of all added bytes, in lower-case hex. Call it once.
  std::string digest();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The SHA-256 of a file's content, in lower-case hex. Reads the whole file.
/// @throws std::filesystem::filesystem_error
std::string sha256_of_file(const std::string& path);

} // namespace hearth
