#include "runtime/protocol/header.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "runtime/protocol/plain.hpp"

namespace hearth::protocol {

namespace {

/// The parser recurses, so a header must not nest deeper than any needs to.
constexpr int max_depth = 16;

/// Where the parser's events go. Depth 1 is the header's object, 2 the array
/// of a list, 3 an object in it.
class handler
  : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, handler> {
public:
  handler(std::span<field> fields, extent how_far)
    : fields_(fields), how_far_(how_far) {
    for (const auto& x : fields_)
      missing_ += x.need == need::required ? 1 : 0;
  }

  /// The key whose value is wrong, if that is why the parser was stopped.
  const std::string& wrong() const {
    return wrong_;
  }

  bool done() const {
    return done_;
  }

  bool Default() { // null and floating point numbers
    return ignored() || type_error();
  }

  bool Bool(bool x) {
    if (depth_ == 1)
      if (auto** target = slot<bool*>()) {
        **target = x;
        return found();
      }
    return Default();
  }

  bool Int(int x) {
    return Int64(x);
  }

  bool Uint(unsigned x) {
    return Uint64(x);
  }

  bool Int64(std::int64_t x) {
    if (x >= 0)
      return Uint64(static_cast<std::uint64_t>(x));
    if (depth_ == 1)
      if (auto** target = slot<std::int64_t*>()) {
        **target = x;
        return found();
      }
    return Default();
  }

  bool Uint64(std::uint64_t x) {
    if (depth_ == 1) {
      if (auto** target = slot<std::uint64_t*>()) {
        **target = x;
        return found();
      }
      auto** target = slot<std::int64_t*>();
      if (target && x <= std::numeric_limits<std::int64_t>::max()) {
        **target = static_cast<std::int64_t>(x);
        return found();
      }
    }
    return Default();
  }

  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ == 1) {
      if (auto** target = slot<std::string*>()) {
        (*target)->assign(text, size);
        return found();
      }
    } else if (depth_ == 2) {
      if (auto** target = slot<std::vector<std::string>*>()) {
        (*target)->emplace_back(text, size);
        return true;
      }
    } else if (depth_ == 3 && member_) {
      member_->assign(text, size);
      ++members_;
      member_ = nullptr;
      return true;
    }
    return Default();
  }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    std::string_view key{text, size};
    if (depth_ == 1) {
      current_ = nullptr;
      for (auto& x : fields_)
        if (key == x.key)
          current_ = &x;
    } else if (depth_ == 3 && slot<std::vector<binary_ref>*>()) {
      auto& x = (*slot<std::vector<binary_ref>*>())->back();
      member_ = key == "name"     ? &x.name
                : key == "type"   ? &x.type
                : key == "digest" ? &x.digest
                : key == "path"   ? &x.path
                                  : nullptr;
    }
    return true;
  }

  bool StartObject() {
    if (depth_ == 2 && slot<std::vector<binary_ref>*>()) {
      (*slot<std::vector<binary_ref>*>())->emplace_back();
      members_ = 0;
      member_ = nullptr;
    } else if (depth_ > 0 && !ignored()) {
      return type_error();
    }
    return ++depth_ <= max_depth;
  }

  bool EndObject(rapidjson::SizeType) {
    --depth_;
    if (depth_ == 2 && slot<std::vector<binary_ref>*>() && members_ != 4)
      return type_error();
    return true;
  }

  bool StartArray() {
    if (depth_ == 0)
      return false;
    if (depth_ == 1 && slot<std::vector<std::string>*>())
      (*slot<std::vector<std::string>*>())->clear();
    else if (depth_ == 1 && slot<std::vector<binary_ref>*>())
      (*slot<std::vector<binary_ref>*>())->clear();
    else if (!ignored())
      return type_error();
    return ++depth_ <= max_depth;
  }

  bool EndArray(rapidjson::SizeType) {
    --depth_;
    return depth_ != 1 || !current_ || found();
  }

private:
  /// Whether the next value belongs to a key that nobody asked for.
  bool ignored() const {
    return depth_ > 0
           && (!current_ || (depth_ > 2 && !member_ && is_binaries()));
  }

  bool is_binaries() const {
    return std::holds_alternative<std::vector<binary_ref>*>(current_->target);
  }

  template <class T>
  T* slot() {
    return current_ ? std::get_if<T>(&current_->target) : nullptr;
  }

  bool found() {
    if (!current_->seen && current_->need == need::required)
      --missing_;
    current_->seen = true;
    done_ = how_far_ == extent::until_found && missing_ == 0;
    return !done_;
  }

  bool type_error() {
    wrong_ = current_ ? current_->key : "";
    return false;
  }

  std::span<field> fields_;
  extent how_far_;
  int missing_ = 0; ///< required fields not seen
  int depth_ = 0;
  field* current_ = nullptr;      ///< of the last key at depth 1
  std::string* member_ = nullptr; ///< of the last key at depth 3
  int members_ = 0;               ///< of the binary being read
  bool done_ = false;
  std::string wrong_;
};

/// Takes a plain text in quotes off the front.
/// @returns false if there is none
bool take_text(std::string_view& rest, std::string_view& text) {
  if (!rest.starts_with('"'))
    return false;
  auto size = rest.substr(1).find('"');
  if (size == std::string_view::npos)
    return false;
  text = rest.substr(1, size);
  rest.remove_prefix(size + 2);
  return is_plain(text);
}

bool take(std::string_view& rest, char c) {
  if (!rest.starts_with(c))
    return false;
  rest.remove_prefix(1);
  return true;
}

/// Reads a header of the most usual form, in a tenth of the time: an object of
/// plain texts without white space.
/// @returns false if the header has another form; some variables may be set
/// then
bool read_plain(std::string_view rest, std::span<field> fields,
                extent how_far) {
  auto missing = std::count_if(fields.begin(), fields.end(), [](auto& x) {
    return x.need == need::required;
  });
  if (!take(rest, '{'))
    return false;
  do {
    std::string_view key;
    std::string_view value;
    if (!take_text(rest, key) || !take(rest, ':') || !take_text(rest, value))
      return false;
    auto x = std::find_if(fields.begin(), fields.end(),
                          [&](auto& f) { return key == f.key; });
    if (x == fields.end())
      continue;
    auto* target = std::get_if<std::string*>(&x->target);
    if (!target)
      return false;
    (*target)->assign(value);
    if (!std::exchange(x->seen, true) && x->need == need::required)
      --missing;
    if (how_far == extent::until_found && missing == 0)
      return true;
  } while (take(rest, ','));
  return rest == "}" && missing == 0;
}

/// Of bytes below 0x80 alone there is nothing to check, which is quicker.
bool is_ascii(std::string_view x) {
  return std::all_of(x.begin(), x.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
}

[[noreturn]] void fail(const char* message, const std::string& what) {
  throw protocol_error(std::string(message) + ": " + what);
}

} // namespace

void read_header(const char* message, std::string_view header,
                 std::span<field> fields, extent how_far) {
  if (read_plain(header, fields, how_far))
    return;
  for (auto& x : fields)
    x.seen = false;
  handler events{fields, how_far};
  rapidjson::MemoryStream in{header.data(), header.size()};
  rapidjson::Reader reader;
  auto result
    = is_ascii(header)
        ? reader.Parse<rapidjson::kParseNoFlags>(in, events)
        : reader.Parse<rapidjson::kParseValidateEncodingFlag>(in, events);
  if (events.done())
    return;
  if (!events.wrong().empty())
    fail(message, "wrong type of key '" + events.wrong() + "'");
  if (result.Code() == rapidjson::kParseErrorTermination)
    fail(message, "header is no JSON object or nests too deeply");
  if (result.IsError())
    fail(message, "header is no JSON: "
                    + std::string(rapidjson::GetParseError_En(result.Code())));
  // The parser takes a NUL for the end.
  if (in.Tell() != header.size())
    fail(message, "header is no JSON: bytes after the object");
  for (const auto& x : fields)
    if (!x.seen && x.need == need::required)
      fail(message, std::string("missing key '") + x.key + "'");
}

} // namespace hearth::protocol
