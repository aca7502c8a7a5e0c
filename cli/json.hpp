/// Reads the server's answers. Only this component of cli/ uses RapidJSON.
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

/// A value in a tree of JSON. Numbers are kept as texts, so that no digit is
/// lost that a double could not hold.
class value {
public:
  /// @returns nothing if the text is not JSON
  static std::optional<value> parse(const std::string& text);

  bool is_object() const noexcept {
    return node_->IsObject();
  }
  bool is_array() const noexcept {
    return node_->IsArray();
  }

  /// Returns a member. If there is none, returns a value that is empty and has
  /// no members.
  value operator[](const char* key) const;

  /// Returns a text, or the digits of a number; "" for anything else.
  std::string text() const;

  /// Returns a number that is not negative; nothing for anything else.
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

/// Returns the text as a JSON string.
std::string quoted(std::string_view text);

/// Returns the member `key` of an object in a form for people. A string is
/// returned as it is; any other value as indented JSON, with its numbers as
/// they were sent; "" if there is no such member.
std::string shown_member(const std::string& object, std::string_view key);

} // namespace hearth::cli::json
