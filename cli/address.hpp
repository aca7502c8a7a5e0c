/// Where the server is, and who asks.
#pragma once

#include <string>
#include <string_view>

namespace hearth::cli {

struct address {
  std::string url;      ///< without a slash at its end, without credentials
  std::string user;     ///< "" for none
  std::string password; ///< never to be shown
};

inline constexpr const char* default_server = "http://127.0.0.1:8090";

/// Reads `http[s]://[user:password@]host[:port][/path]`; http:// may be left
/// out.
/// @param source names the text in errors, which do not quote it: it may hold
///        a password
/// @param credentials `user:password`, used where the text has none
/// @throws usage_error
address read_address(std::string_view text, std::string_view source,
                     std::string_view credentials);

/// Encodes for one path segment or one query value.
std::string encode(std::string_view text);

} // namespace hearth::cli
