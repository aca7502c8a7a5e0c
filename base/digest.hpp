/// SHA-256. Binaries are stored under the digest of their content.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hearth {

/// The SHA-256 of the bytes, in lower-case hex.
std::string sha256(std::string_view bytes);

/// The SHA-256 of bytes that come one after another.
class sha256_stream {
public:
  sha256_stream();
  sha256_stream(sha256_stream&&) noexcept;
  sha256_stream& operator=(sha256_stream&&) noexcept;
  ~sha256_stream();

  void add(std::string_view bytes);

  /// The digest of all that was added, in lower-case hex. To be called once.
  std::string digest();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The SHA-256 of a file's content, in lower-case hex. Reads the whole file.
/// @throws std::filesystem::filesystem_error
std::string sha256_of_file(const std::string& path);

} // namespace hearth
