#include "cli/json.hpp"

#include <charconv>
#include <memory>

#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>

namespace hearth::cli::json {

namespace {

namespace rj = rapidjson;

/// Iterative: depth costs heap, not stack.
constexpr unsigned flags
  = rj::kParseIterativeFlag | rj::kParseNumbersAsStringsFlag;

/// Half of a pair of escapes (`\ud800`) is no character, but RapidJSON makes
/// one of it that UTF-8 does not have.
std::string without_halves(std::string text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  for (auto i = text.find('\xED');
       i != std::string::npos && i + 2 < text.size();
       i = text.find('\xED', i + 1))
    if (static_cast<unsigned char>(text[i + 1]) >= 0xA0)
      text.replace(i, replacement.size(), replacement);
  return text;
}

/// Writes the value of one top-level member, and nothing of the others.
class member_writer : public rj::BaseReaderHandler<rj::UTF8<>, member_writer> {
public:
  explicit member_writer(std::string_view key) : key_(key) {
    out_.SetIndent(' ', 2);
  }

  bool Default() {
    return true;
  }
  bool Null() {
    return !wanted() || (out_.Null() && found(true));
  }
  bool Bool(bool x) {
    return !wanted() || (out_.Bool(x) && found(true));
  }
  bool RawNumber(const char* x, rj::SizeType n, bool) {
    return !wanted() || (out_.RawValue(x, n, rj::kNumberType) && found(true));
  }
  bool String(const char* x, rj::SizeType n, bool) {
    if (!wanted())
      return true;
    if (depth_ > 1)
      return out_.String(x, n);
    plain_.assign(x, n);
    return found(true);
  }
  bool Key(const char* x, rj::SizeType n, bool) {
    if (depth_ == 1)
      inside_ = !done_ && std::string_view{x, n} == key_;
    return depth_ == 1 || !inside_ || out_.Key(x, n);
  }
  bool StartObject() {
    return open(&rj::PrettyWriter<rj::StringBuffer>::StartObject);
  }
  bool EndObject(rj::SizeType n) {
    --depth_;
    return !wanted() || (out_.EndObject(n) && found(depth_ == 1));
  }
  bool StartArray() {
    return open(&rj::PrettyWriter<rj::StringBuffer>::StartArray);
  }
  bool EndArray(rj::SizeType n) {
    --depth_;
    return !wanted() || (out_.EndArray(n) && found(depth_ == 1));
  }

  std::string text() const {
    return without_halves(plain_.empty() ? buffer_.GetString() : plain_);
  }

private:
  bool wanted() const noexcept {
    return inside_ && depth_ >= 1;
  }

  bool open(bool (rj::PrettyWriter<rj::StringBuffer>::*start)()) {
    auto result = !wanted() || (out_.*start)();
    ++depth_;
    return result;
  }

  bool found(bool complete) {
    if (complete && depth_ == 1) {
      inside_ = false;
      done_ = true;
    }
    return true;
  }

  std::string_view key_;
  rj::StringBuffer buffer_;
  rj::PrettyWriter<rj::StringBuffer> out_{buffer_};
  std::string plain_;
  std::size_t depth_ = 0;
  bool inside_ = false;
  bool done_ = false;
};

const rj::Value nothing;

} // namespace

std::optional<value> value::parse(const std::string& text) {
  auto owner = std::make_shared<document>();
  rj::MemoryStream stream{text.data(), text.size()};
  owner->ParseStream<flags>(stream);
  // The parser takes a NUL for the end.
  if (owner->HasParseError() || stream.Tell() != text.size())
    return std::nullopt;
  const auto* root = owner.get();
  return value{std::move(owner), root};
}

value value::operator[](const char* key) const {
  if (!node_->IsObject())
    return {owner_, &nothing};
  auto i = node_->FindMember(key);
  return {owner_, i == node_->MemberEnd() ? &nothing : &i->value};
}

std::string value::text() const {
  return node_->IsString()
           ? without_halves({node_->GetString(), node_->GetStringLength()})
           : std::string{};
}

std::optional<std::int64_t> value::count() const {
  auto digits = text();
  std::int64_t result = 0;
  const auto* end = digits.data() + digits.size();
  auto parsed = std::from_chars(digits.data(), end, result);
  if (parsed.ec != std::errc{} || parsed.ptr != end || result < 0)
    return std::nullopt;
  return result;
}

std::vector<value> value::items() const {
  std::vector<value> result;
  if (node_->IsArray())
    for (const auto& x : node_->GetArray())
      result.push_back({owner_, &x});
  return result;
}

std::vector<std::pair<std::string, value>> value::members() const {
  std::vector<std::pair<std::string, value>> result;
  if (node_->IsObject())
    for (const auto& x : node_->GetObject())
      result.emplace_back(
        std::string{x.name.GetString(), x.name.GetStringLength()},
        value{owner_, &x.value});
  return result;
}

bool valid(std::string_view text) {
  rj::MemoryStream stream{text.data(), text.size()};
  rj::Reader reader;
  rj::BaseReaderHandler<> ignore;
  // The parser takes a NUL for the end.
  return !reader.Parse<flags>(stream, ignore).IsError()
         && stream.Tell() == text.size();
}

std::string quoted(std::string_view text) {
  rj::StringBuffer buffer;
  rj::Writer<rj::StringBuffer> out{buffer};
  out.String(text.data(), static_cast<rj::SizeType>(text.size()));
  return buffer.GetString();
}

std::string shown_member(const std::string& object, std::string_view key) {
  rj::MemoryStream stream{object.data(), object.size()};
  rj::Reader reader;
  member_writer writer{key};
  reader.Parse<flags>(stream, writer);
  return writer.text();
}

} // namespace hearth::cli::json
