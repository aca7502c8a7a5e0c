#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace hearth::fuzz {

namespace {

void show(const char* name, std::string_view text) {
  std::fprintf(stderr, "  %s: %.*s\n", name, static_cast<int>(text.size()),
               text.data());
}

} // namespace

void require(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void require_equal(std::string_view x, std::string_view y, const char* what) {
  if (x == y)
    return;
  show("one", x);
  show("other", y);
  require(false, what);
}

std::string_view take(std::string_view& from, char separator) {
  auto n = std::min(from.find(separator), from.size());
  auto result = from.substr(0, n);
  from.remove_prefix(std::min(n + 1, from.size()));
  return result;
}

bool is_json(std::string_view text) {
  // The parser takes a NUL for the end.
  if (text.find('\0') != std::string_view::npos)
    return false;
  constexpr auto flags = rapidjson::kParseIterativeFlag
                         | rapidjson::kParseValidateEncodingFlag
                         | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream in{text.data(), text.size()};
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> ignore;
  auto found = reader.Parse<flags>(in, ignore);
  // JSON has numbers that RapidJSON does not.
  return !found.IsError() || found.Code() == rapidjson::kParseErrorNumberTooBig;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto first = static_cast<unsigned char>(text.front());
    std::size_t size = first < 0x80           ? 1
                       : (first >> 5) == 0x06 ? 2
                       : (first >> 4) == 0x0e ? 3
                       : (first >> 3) == 0x1e ? 4
                                              : 0;
    if (size == 0 || size > text.size())
      return false;
    std::uint32_t code = size == 1 ? first : first & (0xffU >> (size + 1));
    for (auto c : text.substr(1, size - 1)) {
      if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
        return false;
      code = code << 6 | (static_cast<unsigned char>(c) & 0x3f);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[size] || code > 0x10ffff
        || (code >= 0xd800 && code <= 0xdfff))
      return false;
    text.remove_prefix(size);
  }
  return true;
}

} // namespace hearth::fuzz

/// libFuzzer calls it; its name is not ours.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  hearth::fuzz::one({reinterpret_cast<const char*>(data), size});
  return 0;
}
