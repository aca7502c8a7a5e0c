/// The texts of a header that stand for values of an enum. Internal to
/// runtime/protocol.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "runtime/protocol/messages.hpp"

namespace hearth::protocol {

inline constexpr std::array<std::pair<refusal, const char*>, 5> refusal_names{
  {{refusal::class_not_found, "class-not-found"},
   {refusal::wrong_context, "wrong-context"},
   {refusal::loading_failed, "loading-failed"},
   {refusal::validation_failed, "validation-failed"},
   {refusal::stopping, "stopping"}}};

inline constexpr std::array<std::pair<outcome, const char*>, 3> outcome_names{
  {{outcome::finished, "finished"},
   {outcome::error, "error"},
   {outcome::killed, "killed"}}};

/// Returns the text of a value, which has to be in the table.
template <class Names, class T>
constexpr const char* text_of(const Names& names, T value) {
  for (const auto& [x, text] : names)
    if (x == value)
      return text;
  return "";
}

/// Finds the value of a text.
/// @returns false if no value has that text
template <class Names, class T>
bool value_of(const Names& names, std::string_view text, T& value) {
  for (const auto& [x, name] : names)
    if (text == name) {
      value = x;
      return true;
    }
  return false;
}

} // namespace hearth::protocol
