#include "conf/hocon_value.hpp"

#include <algorithm>
#include <utility>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace hearth::conf {

namespace {

using writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(writer& out, const value& x) {
  switch (x.what) {
    case value::kind::null:
      out.Null();
      break;
    case value::kind::boolean:
      out.Bool(x.text == "true");
      break;
    case value::kind::number:
      out.RawValue(x.text.data(), x.text.size(), rapidjson::kNumberType);
      break;
    case value::kind::text:
      out.String(x.text);
      break;
    case value::kind::list:
      out.StartArray();
      for (auto& item : x.items)
        write(out, item);
      out.EndArray();
      break;
    case value::kind::object:
      out.StartObject();
      for (auto& [name, field] : x.fields) {
        out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
        write(out, field);
      }
      out.EndObject();
      break;
  }
}

/// Whether RapidJSON, which reads all JSON here, fails on a number because it
/// is out of a double's range.
bool is_too_large(const std::string& number) {
  // Most are too short for it.
  if (number.size() < 300 && number.find_first_of("eE") == std::string::npos)
    return false;
  rapidjson::MemoryStream in{number.data(), number.size()};
  rapidjson::BaseReaderHandler<> ignored;
  return rapidjson::Reader{}
    .Parse<rapidjson::kParseNumbersAsStringsFlag>(in, ignored)
    .IsError();
}

} // namespace

void make_large_numbers_texts(value& x) {
  if (x.what == value::kind::number && is_too_large(x.text))
    x.what = value::kind::text;
  for (auto& item : x.items)
    make_large_numbers_texts(item);
  for (auto& [name, field] : x.fields)
    make_large_numbers_texts(field);
}

value scalar(value::kind what, const std::string& text) {
  value result;
  result.what = what;
  result.text = text;
  return result;
}

value* value::find(const path& where, std::size_t from) {
  return const_cast<value*>(std::as_const(*this).find(where, from));
}

const value* value::find(const path& where, std::size_t from) const {
  auto* result = this;
  for (; from < where.size(); ++from) {
    if (result->what != kind::object)
      return nullptr;
    auto i = result->fields.find(where[from]);
    if (i == result->fields.end())
      return nullptr;
    result = &i->second;
  }
  return result;
}

void value::merge(value x) {
  if (what != kind::object || x.what != kind::object) {
    *this = std::move(x);
    return;
  }
  if (fields.empty()) {
    fields = std::move(x.fields);
    return;
  }
  for (auto& [name, field] : x.fields) {
    auto [i, added] = fields.try_emplace(name);
    if (added)
      i->second = std::move(field);
    else
      i->second.merge(std::move(field));
  }
}

void value::merge_at(const path& where, value x) {
  auto* target = this;
  for (auto& name : where) {
    if (target->what != kind::object) {
      *target = value{};
      target->what = kind::object;
    }
    target = &target->fields[name];
  }
  target->merge(std::move(x));
}

setting to_setting(value x) {
  make_large_numbers_texts(x);
  return x.what == value::kind::text ? setting{std::move(x.text)}
                                     : setting::json(to_json(x));
}

void value::become_text() {
  if (what == kind::null)
    text = "null";
  what = kind::text;
}

std::size_t value::levels() const {
  if (what < kind::list)
    return 0;
  std::size_t below = 0;
  for (auto& item : items)
    below = std::max(below, item.levels());
  for (auto& [name, field] : fields)
    below = std::max(below, field.levels());
  return 1 + below;
}

std::string to_json(const value& x) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  write(out, x);
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace hearth::conf
