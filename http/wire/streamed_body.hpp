/// Sends a body while it is produced, no faster than the client reads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <restinio/request_handler.hpp>

#include "http/core/message.hpp"

namespace hearth::http {

/// Selects the builder below.
struct streamed_output {};

} // namespace hearth::http

namespace restinio {

/// Builds a response whose body can break off. RESTinio's own builders either
/// need the length beforehand or end every body properly, so that a client
/// could not see that a body is incomplete.
template <>
class response_builder_t<hearth::http::streamed_output> final
  : public base_response_builder_t<
      response_builder_t<hearth::http::streamed_output>> {
public:
  using base_response_builder_t<
    response_builder_t<hearth::http::streamed_output>>::base_response_builder_t;

  void set_content_length(std::uint64_t length) {
    m_header.content_length(length);
    length_field_ = impl::content_length_field_presence_t::add_content_length;
  }

  /// Sends bytes unchanged; the first call sends the header before them.
  /// @param last true if the answer ends; the connection is then closed
  void write(std::string bytes, bool last, write_status_cb_t then);

private:
  impl::content_length_field_presence_t length_field_
    = impl::content_length_field_presence_t::skip_content_length;
  bool header_sent_ = false;
};

} // namespace restinio

namespace hearth::http {

/// Asks a source for a part, writes it in blocks, and asks for the next one, so
/// that only one part is in memory at a time. Only the io_context's thread uses
/// it. `exchanges` owns it, and while a block is being written RESTinio does,
/// too.
class streamed_body : public std::enable_shared_from_this<streamed_body> {
public:
  using builder = restinio::response_builder_t<streamed_output>;

  /// The connection and the functions of `exchanges` that it needs.
  struct surroundings {
    std::uint64_t connection = 0;
    /// The client speaks HTTP/1.0: a body without a length ends with its
    /// connection, which is reset if the body breaks off.
    bool no_chunks = false;
    std::function<void()> reset; ///< resets that connection
    /// Counts this answer as being written while the pointer exists.
    std::shared_ptr<void> count;
    /// Calls a function with this object on the io_context's thread, if the
    /// object still exists. Any thread may call it.
    std::function<void(std::function<void(streamed_body&)>)> post;
    std::function<void()> over; ///< makes `exchanges` drop this object
  };

  streamed_body(builder out, response reply, surroundings around);

  /// Sends the header and the bytes before those of the source. Call it once.
  void start();

  /// If the source has no end of its own, ends the body properly now.
  void stop_if_endless();

  /// Lets go of the connection. Nothing more is written.
  void abandon();

  /// Whether the source has no end of its own.
  bool is_endless() const noexcept {
    return source_ && source_->endless();
  }

  std::uint64_t connection() const noexcept {
    return around_.connection;
  }

private:
  void ask();
  void take(body_source::part part);
  void write_block();
  void end(bool broken);
  void write(std::string bytes, void (streamed_body::*then)());

  /// Empty when everything is written or given up. It owns the connection,
  /// which in turn owns this object while it writes a block, also if the server
  /// ends then.
  std::optional<builder> out_;
  std::string before_;
  std::string behind_;
  std::shared_ptr<body_source> source_;
  bool chunked_;
  surroundings around_;

  std::uint64_t taken_ = 0; ///< bytes of the source that the connection took
  body_source::part part_;
  std::size_t written_ = 0; ///< how many bytes of the part are written
};

} // namespace hearth::http
