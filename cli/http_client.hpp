/// HTTP to one server. libcurl is known only here and in address.cpp.
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

/// No usable answer came: no connection, no HTTP, or not in time.
struct unreachable : std::runtime_error {
  using runtime_error::runtime_error;
};

struct request {
  std::string method = "GET";
  std::vector<std::string> path; ///< segments as they are; encoded when sent
  parameters query{};
  std::string body{};
  std::string file{}; ///< the body is this file's content, if not empty
  std::string content_type{};
  std::string idempotency_key{};  ///< "": none
  std::chrono::seconds limit{60}; ///< for all of it; 0: none
  /// Takes the body of a good answer as it comes; none: it is kept.
  std::function<void(std::string_view)> sink{};
};

struct answer {
  int status = 0;
  std::string body{};

  bool good() const noexcept {
    return status >= 200 && status < 300;
  }
};

/// How far a request is; called a few times a second.
using transfer = std::function<void(std::int64_t sent, std::int64_t size)>;

/// Not for several threads. Requests share one connection.
class http_client {
public:
  /// @param connect_limit for the connection alone
  /// @param ca_file certificates to trust instead of the system's; "": those
  http_client(address server, std::chrono::seconds connect_limit,
              std::string ca_file);
  ~http_client();

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Any status is an answer.
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
