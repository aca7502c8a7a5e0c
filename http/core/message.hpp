/// The types by which routes use HTTP: a request, an answer, and the exchange
/// that connects them.
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
std::string_view to_string(method verb) noexcept;

struct request {
  method verb = method::get;
  std::string_view raw_target; ///< unchanged
  std::string_view route;      ///< e.g. "GET /jobs/*"; of static storage
  std::vector<std::string> path;
  parameters query;
  std::string_view content_type;
  std::string_view origin; ///< of a page that may read the answer, or ""
  bool any_origin = false; ///< every page may read it, without credentials
  std::string_view authorization;     ///< the header; never to be shown
  std::string_view idempotency_key;   ///< "": none
  std::string_view preflight_headers; ///< headers that the browser will send
  std::string_view body;
  /// Keeps the memory of the views above.
  std::shared_ptr<const void> owner;

  /// The same body in a form that can be shared without a copy.
  std::shared_ptr<const std::string> shared_body;
};

/// A body that is sent while it is produced, and no faster than the client
/// reads. It is destroyed when all of it is sent or the client is gone.
class body_source {
public:
  struct part {
    std::string bytes;
    bool last = false;   ///< no bytes follow these
    bool broken = false; ///< no bytes follow, although the body is incomplete
  };

  body_source() = default;
  body_source(const body_source&) = delete;
  body_source& operator=(const body_source&) = delete;
  virtual ~body_source() = default;

  /// Asks for the bytes from `offset` on. The client's connection has taken all
  /// bytes before that. `give` is called once, on any thread, perhaps after the
  /// source was destroyed. There is only one call under way at a time.
  virtual void read(std::uint64_t offset, std::function<void(part)> give) = 0;

  /// Whether the body has no end of its own. A server that stops then ends it.
  virtual bool endless() const noexcept {
    return false;
  }
};

struct response {
  int status = 200;
  std::string body;
  std::string_view content_type = "application/json"; ///< of static storage
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false; ///< whether to close the connection afterwards

  /// If there is a source, its bytes follow `body` and are followed by `tail`.
  /// The connection is closed afterwards, which shows the client a body that
  /// breaks off.
  std::shared_ptr<body_source> source;
  std::uint64_t source_size = 0; ///< bytes; 0 if it is not known yet
  std::string tail;

  /// Let go of when the answer is counted among those that wait to be read, or
  /// dropped: the place of a large answer among the few that may be made at
  /// once.
  std::shared_ptr<const void> place;
};

/// Lets scripts of pages from that origin read the answer.
/// @param any all origins may: then a browser withholds credentials
void add_origin(response& answer, std::string_view origin, bool any);

/// One request and the duty to answer it. Any thread that holds a pointer to it
/// may answer. If the last pointer is gone and nobody has answered, the server
/// answers 500.
class exchange {
public:
  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  virtual ~exchange() = default;

  /// Answers, with the headers that every answer gets. Only the first call
  /// counts.
  void answer(response reply);

  /// Returns the address of the client without its port; "" if it is not known.
  virtual std::string client_address() const {
    return {};
  }

  /// Whether the client is known to be gone, so that nobody will read the
  /// answer. Any thread may call it.
  virtual bool client_left() const noexcept {
    return false;
  }

  request in;

protected:
  /// Called once at most, on the thread of `answer`.
  virtual void send(response reply) = 0;

  bool answered() const noexcept {
    return answered_.load();
  }

private:
  std::atomic<bool> answered_{false};
};

using exchange_ptr = std::shared_ptr<exchange>;

} // namespace hearth::http
