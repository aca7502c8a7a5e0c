/// Makes zip files for tests, of every kind that is legal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <zlib.h>

namespace hearth::test {

/// Appends a number of so many bytes, the lowest byte first.
inline void put_number(std::string& to, std::uint64_t x, int bytes) {
  for (; bytes > 0; --bytes, x >>= 8)
    to += static_cast<char>(x & 0xFF);
}

/// A jar without entries, with a text as its comment.
inline std::string jar_with(std::string_view text) {
  std::string result{"PK\5\6", 4};
  result.append(16, '\0');
  put_number(result, text.size(), 2);
  result += text;
  return result;
}

inline std::string deflated(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string result(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

struct zip_maker {
  bool deflate = true;
  bool descriptors = false; ///< sizes behind the content, as Java writes them
  bool zip64 = false;
  std::string before = {};    ///< bytes before the archive ...
  bool counts_before = false; ///< ... which offsets count from their beginning
  std::string comment = {};

  std::string
  operator()(const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string out = before;
    std::string directory;
    auto base = counts_before ? 0 : before.size();
    for (const auto& [name, content] : entries)
      put_entry(out, directory, out.size() - base, name, content);
    auto begin = out.size() - base;
    out += directory;
    if (zip64)
      put_end64(out, entries.size(), directory.size(), begin, base);
    out.append("PK\5\6\0\0\0\0", 8);
    put_number(out, zip64 ? 0xFFFF : entries.size(), 2);
    put_number(out, zip64 ? 0xFFFF : entries.size(), 2);
    put_number(out, zip64 ? 0xFFFFFFFF : directory.size(), 4);
    put_number(out, zip64 ? 0xFFFFFFFF : begin, 4);
    put_number(out, comment.size(), 2);
    return out + comment;
  }

private:
  void put_entry(std::string& out, std::string& directory, std::size_t offset,
                 const std::string& name, const std::string& content) const {
    auto packed = deflate ? deflated(content) : content;
    auto crc = crc32(0, reinterpret_cast<const Bytef*>(content.data()),
                     static_cast<uInt>(content.size()));
    std::string common;
    put_number(common, zip64 ? 45 : 20, 2);
    put_number(common, descriptors ? 8 : 0, 2);
    put_number(common, deflate ? 8 : 0, 2);
    put_number(common, 0x5a215a21, 4); // time and date
    std::string sizes;
    put_number(sizes, crc, 4);
    put_number(sizes, packed.size(), 4);
    put_number(sizes, content.size(), 4);
    out += "PK\3\4" + common;
    out += descriptors ? std::string(12, '\0') : sizes;
    put_number(out, name.size(), 2);
    put_number(out, 0, 2);
    out += name + packed;
    if (descriptors)
      out += "PK\7\10" + sizes;
    directory += "PK\1\2";
    put_number(directory, 20, 2);
    directory += common;
    put_number(directory, crc, 4);
    put_number(directory, zip64 ? 0xFFFFFFFF : packed.size(), 4);
    put_number(directory, zip64 ? 0xFFFFFFFF : content.size(), 4);
    put_number(directory, name.size(), 2);
    put_number(directory, zip64 ? 28 : 0, 2);
    directory.append(10, '\0');
    put_number(directory, zip64 ? 0xFFFFFFFF : offset, 4);
    directory += name;
    if (!zip64)
      return;
    put_number(directory, 1, 2);
    put_number(directory, 24, 2);
    put_number(directory, content.size(), 8);
    put_number(directory, packed.size(), 8);
    put_number(directory, offset, 8);
  }

  static void put_end64(std::string& out, std::size_t count, std::size_t size,
                        std::size_t begin, std::size_t base) {
    auto at = out.size() - base;
    out += "PK\6\6";
    put_number(out, 44, 8);
    put_number(out, 45, 2);
    put_number(out, 45, 2);
    put_number(out, 0, 8);
    put_number(out, count, 8);
    put_number(out, count, 8);
    put_number(out, size, 8);
    put_number(out, begin, 8);
    out.append("PK\6\7\0\0\0\0", 8);
    put_number(out, at, 8);
    put_number(out, 1, 4);
  }
};

} // namespace hearth::test
