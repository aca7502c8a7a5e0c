/// Decodes request targets strictly: path segments and query parameters.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::http {

/// A request makes no sense. `what()` is for the client (400).
class bad_request : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Query parameters in their order. If several have the same name, the last one
/// counts.
class parameters {
public:
  /// Parses `a=1&b&c=x%20y+z`. A key without `=` has an empty value.
  /// @throws bad_request for a bad escape, a NUL, or text that is not UTF-8
  static parameters parse(std::string_view query);

  /// @returns null if there is no such parameter
  const std::string* find(std::string_view name) const noexcept;

  /// Returns the value; "" if there is no such parameter.
  const std::string& get(std::string_view name) const noexcept;

  /// Returns a boolean; `otherwise` if there is no such parameter.
  /// @throws bad_request if the value is not a boolean
  bool flag(std::string_view name, bool otherwise) const;

  /// Returns a 32-bit integer; `otherwise` if there is no such parameter.
  /// @throws bad_request if the value is not an integer
  std::int32_t number(std::string_view name, std::int32_t otherwise) const;

  void erase(std::string_view name);

  auto begin() const noexcept {
    return items_.begin();
  }
  auto end() const noexcept {
    return items_.end();
  }

private:
  std::vector<std::pair<std::string, std::string>> items_;
};

/// A required parameter is missing (404, as clients expect it).
class missing_parameter : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The parts of a request target, not decoded. Clients that take the server for
/// a proxy send a whole URL.
struct target_parts {
  std::string_view authority; ///< of a whole URL, which wins over `Host`
  std::string_view path;
  std::string_view query; ///< without the question mark
};

/// Splits `/path?query`, `http://authority/path?query` or `*`. A fragment is
/// dropped.
target_parts split_target(std::string_view target) noexcept;

/// Checks that the query has `reset=reboot`.
/// @throws missing_parameter, bad_request if it has not
void require_reboot(const parameters& query);

/// Decodes `%XX`, and decodes `+` to a space if `plus` is set.
/// @param what the name of the text in the error
/// @throws bad_request for a bad escape, a NUL, or text that is not UTF-8
std::string decode(std::string_view text, bool plus, std::string_view what);

/// Encodes all characters but the unreserved ones.
std::string encode(std::string_view text);

/// Returns the decoded segments of a path. A slash at the end is ignored.
/// @throws bad_request as `decode` does
std::vector<std::string> split_path(std::string_view path);

/// Returns the Idempotency-Key of a request, which is "" or has 1 to 255
/// visible characters.
/// @throws bad_request for any other key
std::string checked_key(std::string_view key);

/// Returns `name` if it is a valid name: 1 to 255 bytes, no `/`, no control
/// characters, not `.` or `..`.
/// @throws bad_request for any other name
const std::string& checked_name(const std::string& name);

} // namespace hearth::http
