/// Requests to other servers: what is asked, what comes of it, and who does it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace hearth {

/// What distinguishes one state of a remote file from the next.
struct remote_state {
  std::string etag;
  std::int64_t modified = -1; ///< seconds since 1970, -1: not known
};

/// A text to be posted, or a file to be downloaded.
struct transfer_request {
  std::string url;
  /// For all of it: from its start to the last byte of the answer.
  std::chrono::milliseconds limit{10'000};

  std::string json; ///< is posted if `file` is ""

  std::string file;            ///< a http, https or ftp URL is written to it
  remote_state known;          ///< what an earlier download found out
  std::uint64_t max_bytes = 0; ///< a larger file is an error
};

struct transfer_outcome {
  std::string error; ///< why it failed, without credentials; "": it succeeded

  /// Of a download: false if nothing changed since `known`; then the file is
  /// empty.
  bool changed = false;
  remote_state state;
  std::string digest; ///< SHA-256 of the file
};

/// Runs any number of transfers at once; who starts them limits their number.
class transfers {
public:
  using receiver = std::function<void(transfer_outcome)>;

  transfers() = default;
  transfers(const transfers&) = delete;
  transfers& operator=(const transfers&) = delete;

  /// Breaks off what is under way, without a call of its receivers.
  virtual ~transfers() = default;

  /// Begins a transfer. Never blocks. A text that is posted has succeeded once
  /// it is answered with a 2xx; redirects are not followed then, for what was
  /// promised to one server is not for another.
  /// @param done is called once, on another thread, and must not block
  virtual void start(transfer_request request, receiver done) = 0;
};

/// Runs transfers on one thread (libcurl).
std::shared_ptr<transfers> make_curl_transfers();

} // namespace hearth
