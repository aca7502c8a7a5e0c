/// A body that is sent while it comes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <restinio/request_handler.hpp>

#include "http/core/message.hpp"

namespace hearth::http {

/// Selects the builder below.
struct streamed_output {};

} // namespace hearth::http

namespace restinio {

/// RESTinio's own builders either need the length beforehand or end every body
/// properly; one that breaks off has to look like it.
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

  /// Sends bytes as they are, the first time behind the header.
  /// @param last the answer is over; its connection is closed
  void write(std::string bytes, bool last, write_status_cb_t then);

private:
  impl::content_length_field_presence_t length_field_
    = impl::content_length_field_presence_t::skip_content_length;
  bool header_sent_ = false;
};

} // namespace restinio

namespace hearth::http {

/// Asks a source for a part, writes it in blocks, asks for the next: one part
/// is in memory at a time. Lives on the io_context's thread alone, in `traffic`
/// and, while a block is being written, in RESTinio.
class streamed_body : public std::enable_shared_from_this<streamed_body> {
public:
  using builder = restinio::response_builder_t<streamed_output>;

  /// What is around it.
  struct surroundings {
    std::uint64_t connection = 0;
    /// The client speaks HTTP/1.0: a body without a length ends with its
    /// connection, which is reset if the body breaks off.
    bool no_chunks = false;
    std::function<void()> reset; ///< resets that connection
    /// Counts it as being written for as long as it is there.
    std::shared_ptr<void> count;
    /// Calls back with it on the io_context's thread, if it is still there.
    /// Any thread.
    std::function<void(std::function<void(streamed_body&)>)> post;
    std::function<void()> over; ///< lets go of it
  };

  streamed_body(builder out, response x, surroundings around);

  /// Sends the header and what stands before the source's bytes. Once.
  void start();

  /// Ends it properly where it is, if its source would never end.
  void stop_if_endless();

  /// Whether its source would never end by itself.
  bool is_endless() const noexcept {
    return source_ && source_->endless();
  }

  std::uint64_t connection() const noexcept {
    return around_.connection;
  }

private:
  void ask();
  void take(body_source::part x);
  void write_block();
  void end(bool broken);
  void write(std::string bytes, void (streamed_body::*then)());

  builder out_;
  std::string before_;
  std::string behind_;
  std::shared_ptr<body_source> source_;
  bool chunked_;
  surroundings around_;

  std::uint64_t taken_ = 0; ///< bytes of the source that the connection took
  body_source::part part_;
  std::size_t written_ = 0; ///< of the part's bytes
};

} // namespace hearth::http
