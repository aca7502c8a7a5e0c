/// Takes URLs apart, for logs and for limits by host.
#pragma once

#include <string>

namespace hearth {

/// Returns the URL without user and password, for logs and errors.
std::string without_credentials(const std::string& url);

/// Returns the server that a URL names, as `HOST:PORT` in lower case. If the
/// URL has no port, that is the one of its scheme. A text that is not a URL is
/// returned as it is.
std::string host_of(const std::string& url);

} // namespace hearth
