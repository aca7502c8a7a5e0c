/// The HTTP client for one server. Only its source and address.cpp use libcurl.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/address.hpp"

namespace hearth::cli {

using parameters = std::vector<std::pair<std::string, std::string>>;

/// There was no usable answer: no connection, no HTTP, or no answer in time.
struct unreachable : std::runtime_error {
  using runtime_error::runtime_error;
};

struct request {
  std::string method = "GET";
  std::vector<std::string> path; ///< segments, which are encoded when sent
  parameters query{};
  std::string body{};
  std::string file{}; ///< if not "", the body is the content of this file
  std::string content_type{};
  std::string idempotency_key{};  ///< "": none
  std::chrono::seconds limit{60}; ///< for the whole request; 0: none
  /// Receives the body of a good answer while it arrives. If there is none, the
  /// body is kept in the answer.
  std::function<void(std::string_view)> sink{};
};

struct answer {
  int status = 0;
  std::string body{};

  bool good() const noexcept {
    return status >= 200 && status < 300;
  }
};

/// Called a few times a second with the progress of a request.
using transfer = std::function<void(std::int64_t sent, std::int64_t size)>;

/// Sends requests over one connection. Not thread-safe.
class http_client {
public:
  /// @param connect_limit limit for making the connection
  /// @param ca_file certificates to trust; "": those of the system
  http_client(address server, std::chrono::seconds connect_limit,
              std::string ca_file);
  ~http_client();

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Sends a request and returns the answer, whatever its status is.
  /// @throws unreachable
  /// @throws file_error if `in.file` cannot be read
  answer send(const request& in, const transfer& watch = {});

  const address& server() const noexcept {
    return server_;
  }

private:
  struct handle;

  address server_;
  std::chrono::seconds connect_limit_;
  std::string ca_file_;
  std::unique_ptr<handle> handle_;
};

} // namespace hearth::cli
