/// HTTP and FTP requests to other servers: the request, its outcome, and the
/// interface that runs them. Callbacks and downloads use it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace hearth {

/// Changes when a remote file changes.
struct remote_state {
  std::string etag;
  std::int64_t modified = -1; ///< seconds since 1970; -1 if not known
};

/// A text to be posted, or a file to be downloaded.
struct transfer_request {
  std::string url;
  /// Limit for the whole transfer, from its start to the last byte of the
  /// answer.
  std::chrono::milliseconds limit{10'000};

  std::string json; ///< the text to post, if `file` is ""

  std::string file;            ///< where a download is written to
  remote_state known;          ///< the state that an earlier download found
  std::uint64_t max_bytes = 0; ///< a larger file is an error
};

struct transfer_outcome {
  std::string error; ///< why it failed, without credentials; "" if it did not

  /// False if a download found that the file has not changed since `known`. The
  /// local file is empty then.
  bool changed = false;
  remote_state state;
  std::string digest; ///< SHA-256 of the file
};

/// Runs any number of transfers at once. Its callers limit that number.
class transfers {
public:
  using receiver = std::function<void(transfer_outcome)>;

  transfers() = default;
  transfers(const transfers&) = delete;
  transfers& operator=(const transfers&) = delete;

  /// Breaks off all transfers under way; their receivers are not called.
  virtual ~transfers() = default;

  /// Begins a transfer. Never blocks. A post has succeeded if it is answered
  /// with a 2xx. Its redirects are not followed, because a text that is meant
  /// for one server must not go to another one.
  /// @param done is called once, on another thread, and must not block
  virtual void start(transfer_request request, receiver done) = 0;
};

/// Makes an implementation that runs transfers on one thread with libcurl.
std::shared_ptr<transfers> make_curl_transfers();

} // namespace hearth
