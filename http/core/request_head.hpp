/// The head of a request, read and checked before anything of its body is kept.
/// No sockets and no RESTinio: http_parser alone decides what the bytes mean.
#pragma once

#include <cstdint>
#include <http_parser.h>
#include <string>
#include <string_view>

#include "http/core/message.hpp"

namespace hearth::http {

/// What the server decides on before it reads a body.
struct request_head {
  method verb = method::other;
  std::string target;
  std::string host;
  std::string origin;
  std::string fetch_site;    ///< Sec-Fetch-Site, by which browsers say who asks
  std::string authorization; ///< never to be shown
  std::string content_type;
  std::string content_encoding;
  std::string transfer_encoding;
  std::string expect;
  std::uint64_t content_length = 0; ///< as announced; 0 if chunked or absent
  bool chunked = false;
  bool old = false;        ///< HTTP/1.0
  bool upgrade = false;    ///< asks for another protocol on this connection
  std::uint32_t known = 0; ///< a bit for each of these fields that was there

  bool has_body() const noexcept {
    return chunked || content_length > 0;
  }

  /// Forgets all but the memory of the texts.
  void clear() noexcept;
};

/// Follows the requests of one connection through its bytes: where each head
/// and each message ends, and what is wrong with it. It is stricter than the
/// parser: a blank before a colon, a folded field, a chunk that does not end
/// with CR LF, and a second field of those above are errors.
class head_reader {
public:
  struct limits {
    std::size_t target; ///< bytes
    std::size_t fields; ///< bytes of all header fields, trailers included
  };

  enum class event {
    more,  ///< all bytes were read, and the request goes on
    head,  ///< the head is complete; the body follows
    end,   ///< the request is complete
    error, ///< it is wrong: `error_status` and `error_text`
  };

  struct step {
    std::size_t used; ///< bytes that belong to what was read
    std::size_t body; ///< bytes of the body among them
    event what;
  };

  explicit head_reader(limits most);

  /// Reads up to the next event. Call it again with the bytes that follow the
  /// used ones; not after an error.
  step read(std::string_view bytes);

  /// Of the request that is being read; complete from `event::head` on.
  const request_head& head() const noexcept {
    return head_;
  }

  int error_status() const noexcept {
    return status_;
  }
  const std::string& error_text() const noexcept {
    return text_;
  }

private:
  struct callbacks;
  enum class phase {
    head,
    head_end,   ///< the line feed that ends the head
    plain_body, ///< as long as announced; trailers too
    chunk_line,
    chunk_data,
    chunk_end,
  };

  void begin();
  std::size_t parse(std::string_view bytes);
  step read_head(std::string_view bytes);
  step read_chunk_line(std::string_view bytes);
  step read_chunk_end(std::string_view bytes);
  void after_head();
  void note_parser_error();
  void take_field();
  void check_head();
  step done(std::size_t used);
  int fail(int status, std::string text);

  limits most_;
  http_parser parser_{};
  request_head head_;
  phase phase_ = phase::head;
  bool fresh_ = true; ///< nothing of this request was read yet

  std::string name_;             ///< of the field that is being read
  std::string* value_ = nullptr; ///< where its value goes, if it matters
  const char* begin_ = nullptr;  ///< of the bytes that are being parsed
  const char* target_ = nullptr; ///< of the request, among these bytes
  bool in_value_ = false;
  std::size_t lines_ = 0;
  std::size_t field_bytes_ = 0;
  std::size_t fields_ = 0;
  std::size_t body_ = 0;
  bool saw_head_ = false;
  bool saw_end_ = false;
  bool saw_chunk_ = false;
  char expected_ = 0; ///< next at the end of a chunk

  int status_ = 0;
  std::string text_;
};

} // namespace hearth::http
