/// Request targets: path segments and query parameters, decoded strictly.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::http {

/// A request that makes no sense; `what()` is for the client (400).
class bad_request : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Query parameters in the order they came. Of several with one name the last
/// one counts.
class parameters {
public:
  /// Parses `a=1&b&c=x%20y+z`; a lone key has an empty value.
  /// @throws bad_request on a bad escape, NUL, or what is not UTF-8
  static parameters parse(std::string_view query);

  /// @returns nullptr if there is none
  const std::string* find(std::string_view name) const noexcept;

  /// The value, "" if there is none.
  const std::string& get(std::string_view name) const noexcept;

  /// A boolean. @throws bad_request if it is none
  bool flag(std::string_view name, bool otherwise) const;

  /// A 32-bit integer. @throws bad_request if it is none
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

/// A parameter that has to be there is not (404, as clients expect it).
class missing_parameter : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A request target, as it was sent. Clients that think they talk to a proxy
/// send a whole URL.
struct target_parts {
  std::string_view authority; ///< of a whole URL; it wins over `Host`
  std::string_view path;
  std::string_view query; ///< without the question mark
};

/// Takes `/path?query`, `http://authority/path?query` or `*` apart; a fragment
/// is dropped.
target_parts split_target(std::string_view target) noexcept;

/// Returns if `reset=reboot` was asked for.
/// @throws missing_parameter, bad_request
void require_reboot(const parameters& query);

/// Decodes `%XX`, and `+` to a space if `plus` is set.
/// @param what names the text in the error
/// @throws bad_request on a bad escape, NUL, or what is not UTF-8
std::string decode(std::string_view text, bool plus, std::string_view what);

/// Encodes all but unreserved characters.
std::string encode(std::string_view text);

/// The decoded segments of a path; one slash at the end is ignored.
/// @throws bad_request as `decode`
std::vector<std::string> split_path(std::string_view path);

/// The Idempotency-Key of a request: "" or 1 to 255 visible characters.
/// @throws bad_request
std::string checked_key(std::string_view key);

/// Returns `name` if it can name a thing: 1 to 255 bytes, no `/`, no control
/// characters, not `.` or `..`. @throws bad_request
const std::string& checked_name(const std::string& name);

} // namespace hearth::http
