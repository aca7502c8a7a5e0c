// Looks for members of JSON objects that clients have sent.

#include <utility>

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "http/core/json.hpp"

namespace hearth::http::json {

namespace {

/// Numbers as they were written.
constexpr auto flags
  = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;

/// Writes an object anew with some of its members.
class member_filter
  : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, member_filter> {
public:
  member_filter(std::string_view first, rapidjson::StringBuffer& to)
    : first_(first), out_(to) {}

  bool Null() {
    return !keeps_ || out_.Null();
  }

  bool Bool(bool x) {
    return !keeps_ || out_.Bool(x);
  }

  bool RawNumber(const char* x, rapidjson::SizeType n, bool) {
    return !keeps_ || out_.RawValue(x, n, rapidjson::kNumberType);
  }

  bool String(const char* x, rapidjson::SizeType n, bool) {
    return !keeps_ || out_.String(x, n);
  }

  bool Key(const char* x, rapidjson::SizeType n, bool) {
    if (depth_ == 1)
      keeps_ = is_wanted({x, n});
    return !keeps_ || out_.Key(x, n);
  }

  bool StartObject() {
    return (depth_++ > 0 && !keeps_) || out_.StartObject();
  }

  bool EndObject(rapidjson::SizeType) {
    return (--depth_ > 0 && !keeps_) || out_.EndObject();
  }

  bool StartArray() {
    ++depth_;
    return !keeps_ || out_.StartArray();
  }

  bool EndArray(rapidjson::SizeType) {
    --depth_;
    return !keeps_ || out_.EndArray();
  }

private:
  bool is_wanted(std::string_view name) const {
    return name.starts_with(first_)
           && (name.size() == first_.size() || name[first_.size()] == '.');
  }

  std::string_view first_;
  rapidjson::Writer<rapidjson::StringBuffer> out_;
  int depth_ = 0;
  bool keeps_ = false;
};

} // namespace

bool may_have_member(std::string_view object, std::string_view name) {
  return object.find(name) != std::string_view::npos
         || object.find("\\u") != std::string_view::npos;
}

std::optional<setting> member(const std::string& object, const char* key) {
  rapidjson::Document doc;
  doc.Parse<flags>(object.data(), object.size());
  if (doc.HasParseError() || !doc.IsObject())
    return std::nullopt;
  // Of members with the same name, the last one counts, as in HOCON.
  const rapidjson::Value* value = nullptr;
  for (const auto& x : std::as_const(doc).GetObject())
    if (x.name == key)
      value = &x.value;
  if (!value || value->IsNull())
    return std::nullopt;
  if (value->IsString())
    return setting{std::string{value->GetString(), value->GetStringLength()}};
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> out{buffer};
  value->Accept(out);
  return setting::json({buffer.GetString(), buffer.GetSize()});
}

std::string members_below(const std::string& object, std::string_view first) {
  rapidjson::MemoryStream in{object.data(), object.size()};
  rapidjson::StringBuffer buffer;
  member_filter filter{first, buffer};
  if (rapidjson::Reader{}.Parse<flags>(in, filter).IsError())
    return "{}";
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace hearth::http::json
