/// The server's answers, read. RapidJSON is known only here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/document.h>

namespace hearth::cli::json {

/// A tree to look things up in. Numbers in it are texts: nothing is lost that
/// a double could not hold.
class value {
public:
  /// @returns nothing if the text is no JSON
  static std::optional<value> parse(const std::string& text);

  bool is_object() const noexcept {
    return node_->IsObject();
  }
  bool is_array() const noexcept {
    return node_->IsArray();
  }

  /// A member; a value that is nothing at all if there is none.
  value operator[](const char* key) const;

  /// The text or the digits of a number; "" for anything else.
  std::string text() const;

  /// A number that is not negative; nothing for anything else.
  std::optional<std::int64_t> count() const;

  std::vector<value> items() const;
  std::vector<std::pair<std::string, value>> members() const;

private:
  using document = rapidjson::Document;

  value(std::shared_ptr<document> owner, const rapidjson::Value* node)
    : owner_(std::move(owner)), node_(node) {
    // nop
  }

  std::shared_ptr<document> owner_;
  const rapidjson::Value* node_;
};

/// Whether this is one JSON value and nothing else.
bool valid(std::string_view text);

/// The text as a JSON string.
std::string quoted(std::string_view text);

/// The member `key` of an object for people: a string as it is, anything else
/// as indented JSON with its numbers as they were sent; "" if there is none.
std::string shown_member(const std::string& object, std::string_view key);

} // namespace hearth::cli::json
