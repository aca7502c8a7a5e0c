/// SHA-256, which names content.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hearth {

/// SHA-256 in lower-case hex.
std::string sha256(std::string_view bytes);

/// SHA-256 of bytes that come one after another.
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

/// The same of a file's content. @throws std::filesystem::filesystem_error
std::string sha256_of_file(const std::string& path);

} // namespace hearth
