/// What routes see of HTTP: a request, an answer, and the duty to give it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/core/query.hpp"

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
  std::string_view route;      ///< e.g. "GET /jobs/*"; of static storage
  std::vector<std::string> path;
  parameters query;
  std::string_view content_type;
  std::string_view origin; ///< of a page that may read the answer; or ""
  bool any_origin = false; ///< it may because all may: without credentials
  std::string_view authorization;     ///< the header; never to be shown
  std::string_view idempotency_key;   ///< "": none
  std::string_view preflight_headers; ///< that the browser wants to send
  std::string_view body;
  /// Keeps what the views above point to.
  std::shared_ptr<const void> owner;

  /// The body, shared and not copied.
  std::shared_ptr<const std::string> shared_body;
};

/// A body that is sent while it comes, and no faster than the client reads.
/// Destroyed when all is sent or the client is gone.
class body_source {
public:
  struct part {
    std::string bytes;
    bool last = false;   ///< nothing follows these bytes
    bool broken = false; ///< nothing follows, though it should
  };

  body_source() = default;
  body_source(const body_source&) = delete;
  body_source& operator=(const body_source&) = delete;
  virtual ~body_source() = default;

  /// Asks for what follows the first `offset` bytes, all of which the client's
  /// connection has taken. `give` is called once, on any thread, also after
  /// the source is gone; there is one question at a time.
  virtual void read(std::uint64_t offset, std::function<void(part)> give) = 0;

  /// Whether it ends only when its client or the server does: a server that
  /// stops ends it then.
  virtual bool endless() const noexcept {
    return false;
  }
};

struct response {
  int status = 200;
  std::string body;
  std::string_view content_type = "application/json"; ///< of static storage
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false; ///< the connection, afterwards

  /// Follows `body`, if there is one, and is followed by `tail`. Its connection
  /// is closed afterwards: a body that breaks off shows by that.
  std::shared_ptr<body_source> source;
  std::uint64_t source_size = 0; ///< bytes; 0: nobody knows yet
  std::string tail;
};

/// Lets scripts of pages from that origin read the answer.
/// @param any all origins may: then a browser withholds credentials
void add_origin(response& x, std::string_view origin, bool any);

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

  /// The address of the client, without its port; "" if it is not known.
  virtual std::string client_address() const {
    return {};
  }

  /// Whether nobody will read the answer, as far as that is known. Any thread.
  virtual bool client_left() const noexcept {
    return false;
  }

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
