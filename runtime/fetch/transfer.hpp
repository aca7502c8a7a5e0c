/// Requests to other servers (libcurl). They block: for detached actors alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace hearth {

/// A transfer that failed; `what()` says why, without credentials of the URL.
class transfer_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The URL without user and password, for logs and errors.
std::string without_credentials(const std::string& url);

/// Posts JSON. Redirects are not followed: what was promised to one server is
/// not for another. @throws transfer_error unless the answer is a 2xx
void post_json(const std::string& url, const std::string& json,
               std::chrono::milliseconds limit);

/// What tells one state of a remote file from the next.
struct remote_state {
  std::string etag;
  std::int64_t modified = -1; ///< seconds since 1970, -1: not known
};

/// Downloads a http, https or ftp URL into a file.
/// @param known what an earlier download told; updated by this one
/// @param max_bytes a larger file is an error
/// @returns false if nothing changed since `known`; the file is then empty
/// @throws transfer_error
bool download(const std::string& url, const std::string& file,
              remote_state& known, std::uint64_t max_bytes,
              std::chrono::milliseconds limit);

} // namespace hearth
