/// Reads and checks the head of a request before any byte of its body is kept.
/// It uses no sockets and no RESTinio; http_parser alone decides what the bytes
/// mean.
#pragma once

#include <cstdint>
#include <http_parser.h>
#include <string>
#include <string_view>

#include "http/core/message.hpp"

namespace hearth::http {

/// The fields of a head by which the server decides on a request before it
/// reads the body.
struct request_head {
  method verb = method::other;
  std::string target;
  std::string host;
  std::string origin;
  std::string fetch_site;    ///< Sec-Fetch-Site, which only browsers send
  std::string authorization; ///< never to be shown
  std::string content_type;
  std::string content_encoding;
  std::string transfer_encoding;
  std::string expect;
  std::uint64_t content_length = 0; ///< as announced; 0 if chunked or absent
  bool chunked = false;
  bool old = false;        ///< HTTP/1.0
  bool upgrade = false;    ///< asks for another protocol on this connection
  std::uint32_t known = 0; ///< a bit for each of these fields that was present

  bool has_body() const noexcept {
    return chunked || content_length > 0;
  }

  /// Clears all fields, but keeps the memory of the texts.
  void clear() noexcept;
};

/// Follows the requests in the bytes of one connection: finds where each head
/// and each message ends, and what is wrong with it. It is stricter than the
/// parser: a blank before a colon, a folded field, a chunk that does not end
/// with CR LF, and a repeated field of those above are errors.
class head_reader {
public:
  struct limits {
    std::size_t target; ///< bytes
    std::size_t fields; ///< bytes of all header fields and trailers
  };

  enum class event {
    more,  ///< all bytes were read, and the request goes on
    head,  ///< the head is complete; the body follows
    end,   ///< the request is complete
    error, ///< it is wrong; see `error_status` and `error_text`
  };

  struct step {
    std::size_t used; ///< how many bytes were read
    std::size_t body; ///< how many of them belong to the body
    event what;
  };

  explicit head_reader(limits most);

  /// Reads up to the next event. Call it again with the bytes that follow the
  /// used ones, but not after an error.
  step read(std::string_view bytes);

  /// Returns the head of the request that is being read. It is complete from
  /// `event::head` on.
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
    plain_body, ///< a body of announced length, or trailers
    chunk_line,
    chunk_data,
    chunk_end,
  };

  void begin();
  std::size_t parse(std::string_view bytes);
  step read_head(std::string_view bytes);
  step read_head_end(std::string_view bytes);
  step read_chunk_line(std::string_view bytes);
  step read_chunk_data(std::string_view bytes);
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
  bool fresh_ = true; ///< no byte of this request was read yet

  std::string name_;             ///< of the field that is being read
  std::string* value_ = nullptr; ///< receives its value, if it is needed
  const char* begin_ = nullptr;  ///< of the bytes that are being parsed
  const char* target_ = nullptr; ///< the request's target in these bytes
  bool in_value_ = false;
  std::size_t lines_ = 0;
  std::size_t field_bytes_ = 0;
  std::size_t fields_ = 0;
  std::size_t body_ = 0;
  bool saw_head_ = false;
  bool saw_end_ = false;
  bool saw_chunk_ = false;
  char expected_ = 0; ///< the next character at the end of a chunk

  int status_ = 0;
  std::string text_;
};

} // namespace hearth::http
