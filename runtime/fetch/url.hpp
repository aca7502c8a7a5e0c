/// Parts of URLs.
#pragma once

#include <string>

namespace hearth {

/// The URL without user and password, for logs and errors.
std::string without_credentials(const std::string& url);

/// The server that a URL names, as `HOST:PORT` in lower case, with the scheme's
/// port if the URL has none. A text that is no URL is returned as it is.
std::string host_of(const std::string& url);

} // namespace hearth
