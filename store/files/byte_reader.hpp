/// Reads numbers out of files whose content is not trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hearth {

/// Reads at offsets that the file itself names, and that may be any number.
class byte_reader {
public:
  explicit byte_reader(std::string_view file, bool big_endian = false) noexcept
    : file_(file), big_endian_(big_endian) {}

  std::uint64_t size() const noexcept {
    return file_.size();
  }

  /// Whether the file has so many bytes from `at` on.
  bool has(std::uint64_t at, std::uint64_t bytes) const noexcept {
    return at <= file_.size() && bytes <= file_.size() - at;
  }

  /// Returns the bytes, which the file must have.
  std::string_view bytes(std::uint64_t at, std::uint64_t n) const noexcept {
    return file_.substr(static_cast<std::size_t>(at),
                        static_cast<std::size_t>(n));
  }

  /// Returns a number of 1 to 8 bytes, or 0 if the file does not have them.
  std::uint64_t number(std::uint64_t at, unsigned bytes) const noexcept {
    if (!has(at, bytes))
      return 0;
    std::uint64_t result = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      auto shift = 8 * (big_endian_ ? bytes - 1 - i : i);
      auto byte = static_cast<unsigned char>(file_[at + i]);
      result |= std::uint64_t{byte} << shift;
    }
    return result;
  }

private:
  std::string_view file_;
  bool big_endian_;
};

} // namespace hearth
