/// The address of the server and the user who asks it, and how they are read
/// from a text.
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
/// @param source the name of the text in errors, which never quote the text,
///        because it may contain a password
/// @param credentials `user:password`, used if the text has none
/// @throws usage_error
address read_address(std::string_view text, std::string_view source,
                     std::string_view credentials);

/// Encodes a text for one segment of a path or one value of a query.
std::string encode(std::string_view text);

} // namespace hearth::cli
