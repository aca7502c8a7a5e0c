#include "store/files/zip_check.hpp"

#include <algorithm>
#include <array>
#include <zlib.h>

#include "store/files/byte_reader.hpp"

namespace hearth {

namespace {

// Signatures of the records, and the sizes of their fixed parts. The names and
// places of the fields are those of APPNOTE.TXT.
constexpr std::uint64_t local_sign = 0x04034b50;
constexpr std::uint64_t entry_sign = 0x02014b50;
constexpr std::uint64_t signature_sign = 0x05054b50; ///< of the directory
constexpr std::uint64_t end_sign = 0x06054b50;
constexpr std::uint64_t end64_sign = 0x06064b50;
constexpr std::uint64_t locator_sign = 0x07064b50;
constexpr std::uint64_t local_size = 30;
constexpr std::uint64_t entry_size = 46;
constexpr std::uint64_t end_size = 22;
constexpr std::uint64_t end64_size = 56;
constexpr std::uint64_t locator_size = 20;

/// Fields with these values are in the ZIP64 record instead.
constexpr std::uint64_t none16 = 0xFFFF;
constexpr std::uint64_t none32 = 0xFFFFFFFF;

constexpr std::uint64_t most_checked = 256 << 20;
constexpr std::size_t most_shown = 200; ///< bytes of a name

/// Thrown where something is wrong.
struct fault {
  std::string why;
};

struct directory {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t count = 0;
  bool count_is_whole = true; ///< or its last 16 bits only
  std::uint64_t prefix = 0;   ///< bytes before the archive
};

struct entry {
  std::string_view name;
  std::uint64_t flags = 0;
  std::uint64_t method = 0;
  std::uint64_t crc = 0;
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
  std::uint64_t offset = 0;
};

std::string number(std::uint64_t x) {
  return std::to_string(x);
}

/// The names of damaged files are any bytes.
std::string shown(std::string_view name) {
  std::string result = "'";
  for (unsigned char c : name.substr(0, most_shown))
    result += c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '?';
  return result + (name.size() > most_shown ? "…'" : "'");
}

/// Unpacks deflated entries one after the other, only to check them.
class unpacker {
public:
  unpacker() {
    // Negative: entries have no header of zlib.
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK)
      throw fault{"there is no memory to unpack it"};
  }

  ~unpacker() {
    inflateEnd(&stream_);
  }

  unpacker(const unpacker&) = delete;
  unpacker& operator=(const unpacker&) = delete;

  /// Whether that is what was packed.
  bool check(std::string_view packed, const entry& x) {
    inflateReset(&stream_);
    stream_.next_in
      = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    std::uint64_t in_left = packed.size();
    std::uint64_t size = 0;
    auto crc = crc32_z(0, nullptr, 0);
    for (;;) {
      if (stream_.avail_in == 0) {
        auto n = std::min<std::uint64_t>(in_left, 1 << 30);
        stream_.avail_in = static_cast<uInt>(n);
        in_left -= n;
      }
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      auto code = inflate(&stream_, Z_NO_FLUSH);
      auto n = buffer_.size() - stream_.avail_out;
      crc = crc32_z(crc, buffer_.data(), n);
      size += n;
      if (code == Z_STREAM_END)
        return size == x.unpacked && crc == x.crc;
      if (code != Z_OK || size > x.unpacked)
        return false;
    }
  }

private:
  z_stream stream_{};
  std::array<Bytef, 64 * 1024> buffer_;
};

class checker {
public:
  explicit checker(std::string_view file) : file_(file), in_(file) {}

  void check() {
    auto dir = find_directory(find_end());
    std::uint64_t count = 0;
    for (auto at = dir.begin; at < dir.end; ++count) {
      if (in_.number(at, 4) == signature_sign)
        break; // of the whole directory, and its last record
      auto x = read_entry(at, dir.end);
      check_entry(x, dir);
    }
    if (count != dir.count
        && (dir.count_is_whole || (count & none16) != dir.count))
      throw fault{"its end record says that it has " + number(dir.count)
                  + " entries, but its directory has " + number(count)};
  }

private:
  [[noreturn]] void cut() const {
    throw fault{"the zip file is cut off: it ends after " + number(in_.size())
                + " bytes, without the end record and the directory that are "
                  "the last part of one"};
  }

  /// The end record is followed by its comment, and nothing else.
  std::uint64_t find_end() const {
    if (in_.size() < end_size)
      cut();
    auto last = in_.size() - end_size;
    auto first = last - std::min(last, none16);
    for (auto at = last + 1; at-- > first;)
      if (in_.number(at, 4) == end_sign && in_.number(at + 20, 2) == last - at)
        return at;
    for (auto at = last + 1; at-- > first;)
      if (in_.number(at, 4) == end_sign)
        explain_end(at);
    cut();
  }

  /// An end record that is not the last part. It may be of an archive within
  /// this one, which says nothing.
  [[noreturn]] void explain_end(std::uint64_t at) const {
    auto comment = in_.number(at + 20, 2);
    auto rest = in_.size() - at - end_size;
    auto is_own = in_.number(at + 12, 4) + in_.number(at + 16, 4) == at;
    if (!is_own)
      cut();
    if (comment > rest)
      throw fault{"the zip file is cut off in the comment at its end"};
    throw fault{number(rest - comment)
                + " bytes follow the end of the zip file, which do not belong "
                  "to it"};
  }

  directory find_directory(std::uint64_t end) const {
    directory result;
    result.end = end;
    result.count = in_.number(end + 10, 2);
    result.count_is_whole = false;
    auto size = in_.number(end + 12, 4);
    auto offset = in_.number(end + 16, 4);
    auto disk = in_.number(end + 4, 2);
    if (disk != 0 && disk != none16)
      throw fault{"it is one of several parts of a split zip file; all of it "
                  "has to be in one file"};
    auto wide = result.count == none16 || size == none32 || offset == none32;
    if (wide && end >= locator_size
        && in_.number(end - locator_size, 4) == locator_sign) {
      auto at = find_end64(end - locator_size);
      result.end = at;
      result.count = in_.number(at + 32, 8);
      result.count_is_whole = true;
      size = in_.number(at + 40, 8);
      offset = in_.number(at + 48, 8);
    }
    if (size > result.end)
      throw fault{"its directory is said to have " + number(size)
                  + " bytes, but only " + number(result.end)
                  + " are before its end: the beginning is missing, or it is "
                    "damaged"};
    result.begin = result.end - size;
    if (offset > result.begin)
      throw fault{"its directory is said to begin at byte " + number(offset)
                  + ", but it begins at " + number(result.begin)
                  + ": bytes are missing before it"};
    result.prefix = result.begin - offset;
    if (result.prefix > 0 && in_.number(0, 4) == local_sign)
      throw fault{"its directory is said to begin at byte " + number(offset)
                  + ", but it begins at " + number(result.begin)
                  + ": bytes were added before it, or this is the beginning "
                    "of a larger zip file with a whole one in it"};
    return result;
  }

  /// @param locator where the record is that says where that of ZIP64 is
  std::uint64_t find_end64(std::uint64_t locator) const {
    auto fits = [&](std::uint64_t at) {
      return at <= locator && locator - at >= end64_size
             && in_.number(at, 4) == end64_sign
             && in_.number(at + 4, 8) == locator - at - 12;
    };
    // Bytes before the archive are not part of what the locator says.
    if (locator >= end64_size && fits(locator - end64_size))
      return locator - end64_size;
    auto said = in_.number(locator + 8, 8);
    if (!fits(said))
      throw fault{"its ZIP64 end record is not where it is said to be, at "
                  "byte "
                  + number(said)};
    return said;
  }

  /// @param at of the entry; afterwards of the next one
  entry read_entry(std::uint64_t& at, std::uint64_t end) const {
    auto damaged
      = [&] { return fault{"its directory is damaged at byte " + number(at)}; };
    if (end - at < entry_size || in_.number(at, 4) != entry_sign)
      throw damaged();
    auto name = in_.number(at + 28, 2);
    auto extra = in_.number(at + 30, 2);
    auto comment = in_.number(at + 32, 2);
    auto size = entry_size + name + extra + comment;
    if (end - at < size)
      throw damaged();
    entry result;
    result.name = in_.bytes(at + entry_size, name);
    result.flags = in_.number(at + 8, 2);
    result.method = in_.number(at + 10, 2);
    result.crc = in_.number(at + 16, 4);
    result.packed = in_.number(at + 20, 4);
    result.unpacked = in_.number(at + 24, 4);
    result.offset = in_.number(at + 42, 4);
    read_wide(at + entry_size + name, extra, result);
    at += size;
    return result;
  }

  /// The ZIP64 field has those of three numbers for which the entry has no
  /// room, in this order.
  void read_wide(std::uint64_t at, std::uint64_t size, entry& x) const {
    auto end = at + size;
    while (end - at >= 4 && in_.number(at, 2) != 1)
      at += std::min(4 + in_.number(at + 2, 2), end - at);
    if (end - at < 4)
      return;
    end = std::min(end, at + 4 + in_.number(at + 2, 2));
    at += 4;
    for (auto* field : {&x.unpacked, &x.packed, &x.offset})
      if (*field == none32 && end - at >= 8) {
        *field = in_.number(at, 8);
        at += 8;
      }
  }

  void check_entry(const entry& x, const directory& dir) {
    auto room = dir.begin - dir.prefix; // offsets count from there
    if (x.offset > room || room - x.offset < local_size
        || in_.number(dir.prefix + x.offset, 4) != local_sign)
      throw fault{"its entry " + shown(x.name)
                  + " is not where the directory "
                    "says, at byte "
                  + number(x.offset) + ": it is damaged"};
    auto at = dir.prefix + x.offset;
    auto data
      = at + local_size + in_.number(at + 26, 2) + in_.number(at + 28, 2);
    if (data > dir.begin || x.packed > dir.begin - data)
      throw fault{"its entry " + shown(x.name) + " is said to have "
                  + number(x.packed)
                  + " bytes, which would end beyond the "
                    "entries: it is damaged"};
    if (!has_content(x, in_.bytes(data, x.packed)))
      throw fault{"the content of its entry " + shown(x.name)
                  + " does not have the checksum that the directory says: it "
                    "is damaged"};
  }

  bool has_content(const entry& x, std::string_view packed) {
    constexpr std::uint64_t encrypted = 1;
    constexpr std::uint64_t stored = 0;
    constexpr std::uint64_t deflated = 8;
    auto cost = std::max(x.packed, x.unpacked);
    if ((x.flags & encrypted) != 0 || cost > most_checked - checked_)
      return true;
    checked_ += cost;
    if (x.method == stored)
      return x.packed == x.unpacked
             && crc32_z(crc32_z(0, nullptr, 0),
                        reinterpret_cast<const Bytef*>(packed.data()),
                        packed.size())
                  == x.crc;
    if (x.method != deflated)
      return true;
    if (!unpacker_)
      unpacker_.emplace();
    return unpacker_->check(packed, x);
  }

  std::string_view file_;
  byte_reader in_;
  std::uint64_t checked_ = 0; ///< bytes
  std::optional<unpacker> unpacker_;
};

} // namespace

std::optional<std::string> zip_fault(std::string_view file) {
  try {
    checker{file}.check();
    return std::nullopt;
  } catch (fault& x) {
    return std::move(x.why);
  }
}

} // namespace hearth
