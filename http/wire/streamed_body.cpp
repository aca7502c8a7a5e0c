#include "http/wire/streamed_body.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace restinio {

void response_builder_t<hearth::http::streamed_output>::write(
  std::string bytes, bool last, write_status_cb_t then) {
  writable_items_container_t items;
  std::size_t status_line_size = 0;
  if (!std::exchange(header_sent_, true)) {
    status_line_size = calculate_status_line_size();
    items.emplace_back(impl::create_header_string(m_header, length_field_));
  }
  if (!bytes.empty())
    items.emplace_back(std::move(bytes));
  write_group_t group{std::move(items)};
  group.status_line_size(status_line_size);
  group.after_write_notificator(std::move(then));
  m_connection->write_response_parts(
    m_request_id,
    response_output_flags_t{last ? response_parts_attr_t::final_parts
                                 : response_parts_attr_t::not_final_parts,
                            response_connection_attr_t::connection_close},
    std::move(group));
}

} // namespace restinio

namespace hearth::http {

namespace {

/// RESTinio's time limit is for a whole write, however far it got.
constexpr std::size_t block_size = 64 * 1024;

} // namespace

streamed_body::streamed_body(builder out, response reply, surroundings around)
  : out_(std::move(out)), before_(std::move(reply.body)),
    behind_(std::move(reply.tail)), source_(std::move(reply.source)),
    chunked_(reply.source_size == 0 && !around.no_chunks),
    around_(std::move(around)) {
  if (chunked_)
    out_->append_header(restinio::http_field::transfer_encoding, "chunked");
  else if (reply.source_size > 0)
    out_->set_content_length(before_.size() + reply.source_size
                             + behind_.size());
}

void streamed_body::start() {
  write(std::move(before_), &streamed_body::ask);
}

void streamed_body::ask() {
  source_->read(taken_, [post = around_.post](body_source::part part) {
    post([part = std::move(part)](streamed_body& self) mutable {
      self.take(std::move(part));
    });
  });
}

void streamed_body::stop_if_endless() {
  if (is_endless())
    end(false);
}

void streamed_body::take(body_source::part part) {
  if (!source_)
    return;
  part_ = std::move(part);
  written_ = 0;
  write_block();
}

void streamed_body::write_block() {
  auto n = std::min(block_size, part_.bytes.size() - written_);
  if (n > 0) {
    auto block = part_.bytes.substr(written_, n);
    written_ += n;
    return write(std::move(block), &streamed_body::write_block);
  }
  taken_ += written_;
  part_.bytes.clear();
  if (part_.last || part_.broken)
    end(part_.broken);
  else
    ask();
}

void streamed_body::write(std::string bytes, void (streamed_body::*then)()) {
  if (chunked_ && !bytes.empty())
    bytes = fmt::format("{:X}\r\n{}\r\n", bytes.size(), bytes);
  out_->write(std::move(bytes), false,
              [self = shared_from_this(), then](const auto& error) {
                if (error)
                  self->around_.over();
                else if (self->source_)
                  (self.get()->*then)();
              });
}

void streamed_body::end(bool broken) {
  std::string bytes;
  if (broken && around_.no_chunks)
    around_.reset();
  if (!broken) {
    if (chunked_ && !behind_.empty())
      bytes = fmt::format("{:X}\r\n{}\r\n", behind_.size(), behind_);
    else
      bytes = std::move(behind_);
    if (chunked_)
      bytes += "0\r\n\r\n";
  }
  source_.reset();
  auto out = std::move(*out_);
  out_.reset();
  out.write(std::move(bytes), true,
            [self = shared_from_this()](const auto&) { self->around_.over(); });
}

void streamed_body::abandon() {
  source_.reset();
  out_.reset();
}

} // namespace hearth::http
