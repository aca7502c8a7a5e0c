/// What routes see of HTTP: a request, an answer, and the duty to give it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/query.hpp"

namespace hearth::http {

enum class method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  options,
  other
};

/// E.g. "DELETE".
std::string_view to_string(method x) noexcept;

struct request {
  method verb = method::get;
  std::string_view raw_target; ///< as it was sent
  std::vector<std::string> path;
  parameters query;
  std::string_view content_type;
  std::string_view origin;
  std::string_view preflight_headers; ///< that the browser wants to send
  std::string_view body;
  /// Keeps what the views above point to.
  std::shared_ptr<const void> owner;

  /// The body, shared and not copied.
  std::shared_ptr<const std::string> shared_body;
};

struct response {
  int status = 200;
  std::string body;
  std::string_view content_type = "application/json"; ///< of static storage
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false; ///< the connection, afterwards
};

/// One request and the duty to answer it. Whoever holds it may answer, from
/// any thread; if nobody does until the last holder lets go, the server says
/// 500.
class exchange {
public:
  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  virtual ~exchange() = default;

  /// Answers, with the headers that every answer gets. Only the first call
  /// counts.
  void answer(response x);

  request in;

protected:
  /// Called once at most, on the thread of `answer`.
  virtual void send(response x) = 0;

  bool answered() const noexcept {
    return answered_.load();
  }

private:
  std::atomic<bool> answered_{false};
};

using exchange_ptr = std::shared_ptr<exchange>;

} // namespace hearth::http
