/// The permissions of users: their names, and sets of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth::conf {

/// A set of the permissions below, combined with `|`.
using permissions = std::uint32_t;

/// `start_contexts` and `start_jobs` run code as the server's user: a context's
/// settings name jobs, jars and options of Java.
namespace may {

inline constexpr permissions read_binaries = 1U << 0;
inline constexpr permissions upload_binaries = 1U << 1;
inline constexpr permissions delete_binaries = 1U << 2;
inline constexpr permissions read_contexts = 1U << 3;
inline constexpr permissions start_contexts = 1U << 4;
inline constexpr permissions delete_contexts = 1U << 5;
inline constexpr permissions reset_contexts = 1U << 6;
inline constexpr permissions read_data = 1U << 7;
inline constexpr permissions upload_data = 1U << 8;
inline constexpr permissions delete_data = 1U << 9;
inline constexpr permissions reset_data = 1U << 10;
inline constexpr permissions read_jobs = 1U << 11;
inline constexpr permissions start_jobs = 1U << 12;
inline constexpr permissions delete_jobs = 1U << 13;

/// Everyone who has any permission has this one.
inline constexpr permissions enter = 1U << 31;

/// The needed permission of a route that anyone may use.
inline constexpr permissions nothing = 0;

} // namespace may

inline constexpr bool allows(permissions granted, permissions needed) noexcept {
  return (granted & needed) == needed;
}

/// Reads a list such as `jobs, contexts:read`. `jobs` alone stands for all
/// permissions that begin with it, `*` for all permissions. An empty list is
/// the empty set.
/// @returns nothing if one of the names is unknown
std::optional<permissions> parse_permissions(std::string_view text);

} // namespace hearth::conf
