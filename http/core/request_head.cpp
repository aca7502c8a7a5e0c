#include "http/core/request_head.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hearth::http {

namespace {

/// RESTinio keeps each field in two strings, so many small ones take far more
/// memory than they have bytes.
constexpr std::size_t most_fields = 200;

struct known_field {
  std::string_view name;
  std::string request_head::*value;
};

constexpr std::array known_fields{
  known_field{"host", &request_head::host},
  known_field{"origin", &request_head::origin},
  known_field{"expect", &request_head::expect},
  known_field{"content-type", &request_head::content_type},
  known_field{"authorization", &request_head::authorization},
  known_field{"sec-fetch-site", &request_head::fetch_site},
  known_field{"content-encoding", &request_head::content_encoding},
  known_field{"transfer-encoding", &request_head::transfer_encoding},
};
constexpr std::uint32_t host_bit = 1;

bool equals_lower(std::string_view text, std::string_view lower) noexcept {
  return std::equal(
    text.begin(), text.end(), lower.begin(), lower.end(),
    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

method method_of(unsigned parsed) noexcept {
  switch (parsed) {
    case HTTP_GET:
      return method::get;
    case HTTP_HEAD:
      return method::head;
    case HTTP_POST:
      return method::post;
    case HTTP_PUT:
      return method::put;
    case HTTP_DELETE:
      return method::delete_;
    case HTTP_OPTIONS:
      return method::options;
    default:
      return method::other;
  }
}

} // namespace

void request_head::clear() noexcept {
  verb = method::other;
  target.clear();
  for (const auto& field : known_fields)
    (this->*field.value).clear();
  known = 0;
  content_length = 0;
  chunked = old = upgrade = false;
}

/// The functions that http_parser calls.
struct head_reader::callbacks {
  static head_reader& self(http_parser* parser) {
    return *static_cast<head_reader*>(parser->data);
  }

  static int target(http_parser* parser, const char* at, std::size_t n) {
    auto& reader = self(parser);
    reader.head_.verb = method_of(parser->method);
    if (reader.head_.target.empty())
      reader.target_ = at;
    reader.head_.target.append(at, n);
    return reader.head_.target.size() <= reader.most_.target
             ? 0
             : reader.fail(414, "the URL is longer than "
                                  + std::to_string(reader.most_.target)
                                  + " bytes");
  }

  static int name(http_parser* parser, const char* at, std::size_t n) {
    auto& reader = self(parser);
    if (std::exchange(reader.in_value_, false) || reader.fields_ == 0) {
      reader.name_.clear();
      if (++reader.fields_ > most_fields)
        return reader.fail(431, "there are more than "
                                  + std::to_string(most_fields)
                                  + " header fields");
    }
    reader.name_.append(at, n);
    return count(reader, n);
  }

  static int value(http_parser* parser, const char* at, std::size_t n) {
    auto& reader = self(parser);
    if (!std::exchange(reader.in_value_, true))
      reader.take_field();
    // The parser looks at all but the first byte.
    if (n > 0 && *at != '\t' && static_cast<unsigned char>(*at) < ' ')
      return reader.fail(400, "there is a control character in a header field");
    if (reader.status_ != 0)
      return -1;
    if (reader.value_)
      reader.value_->append(at, n);
    return count(reader, n);
  }

  static int head(http_parser* parser) {
    auto& reader = self(parser);
    reader.saw_head_ = true;
    reader.check_head();
    if (reader.status_ != 0)
      return -1;
    http_parser_pause(parser, 1);
    return 0;
  }

  static int body(http_parser* parser, const char*, std::size_t n) {
    self(parser).body_ += n;
    return 0;
  }

  static int chunk(http_parser* parser) {
    self(parser).saw_chunk_ = true;
    http_parser_pause(parser, 1);
    return 0;
  }

  static int end(http_parser* parser) {
    self(parser).saw_end_ = true;
    http_parser_pause(parser, 1);
    return 0;
  }

  static int count(head_reader& reader, std::size_t n) {
    reader.field_bytes_ += n;
    auto bytes = reader.field_bytes_ + 4 * reader.fields_;
    return bytes <= reader.most_.fields
             ? 0
             : reader.fail(431, "the headers are larger than "
                                  + std::to_string(reader.most_.fields)
                                  + " bytes");
  }

  static const http_parser_settings& all() {
    static const auto settings = [] {
      http_parser_settings result;
      http_parser_settings_init(&result);
      result.on_url = target;
      result.on_header_field = name;
      result.on_header_value = value;
      result.on_headers_complete = head;
      result.on_body = body;
      result.on_chunk_header = chunk;
      result.on_message_complete = end;
      return result;
    }();
    return settings;
  }
};

head_reader::head_reader(limits most) : most_(most) {}

void head_reader::begin() {
  http_parser_init(&parser_, HTTP_REQUEST);
  parser_.data = this;
  head_.clear();
  phase_ = phase::head;
  fresh_ = in_value_ = false;
  target_ = nullptr;
  saw_head_ = saw_end_ = saw_chunk_ = false;
  field_bytes_ = fields_ = lines_ = 0;
}

head_reader::step head_reader::read(std::string_view bytes) {
  if (bytes.empty())
    return {0, 0, event::more};
  if (fresh_)
    begin();
  body_ = 0;
  switch (phase_) {
    case phase::head_end:
      return read_head_end(bytes);
    case phase::chunk_line:
      return read_chunk_line(bytes);
    case phase::chunk_data:
      return read_chunk_data(bytes);
    case phase::chunk_end:
      return read_chunk_end(bytes);
    case phase::head:
      return read_head(bytes);
    case phase::plain_body:
      break;
  }
  return done(parse(bytes));
}

head_reader::step head_reader::read_head(std::string_view bytes) {
  auto before = head_.target.empty();
  auto used = parse(bytes);
  // Empty lines before a request do not count.
  if (!head_.target.empty())
    lines_ += static_cast<std::size_t>(
      std::count(before ? target_ : begin_, begin_ + used, '\n'));
  if (saw_head_ && status_ == 0 && lines_ != fields_ + 1)
    fail(400, "a header field goes over several lines");
  return done(used);
}

head_reader::step head_reader::read_head_end(std::string_view bytes) {
  auto used = parse(bytes.substr(0, 1));
  after_head();
  return done(used);
}

head_reader::step head_reader::read_chunk_line(std::string_view bytes) {
  saw_chunk_ = false;
  auto used = parse(bytes);
  auto line = bytes.substr(0, used - (saw_chunk_ && used > 0 ? 1 : 0));
  if (line.find('\n') != std::string_view::npos
      || (saw_chunk_ && !bytes.substr(0, used).ends_with('\n')))
    fail(400, "the line before a chunk does not end with CR LF");
  else if (saw_chunk_)
    phase_
      = parser_.content_length == 0 ? phase::plain_body : phase::chunk_data;
  return done(used);
}

head_reader::step head_reader::read_chunk_data(std::string_view bytes) {
  auto left = std::min<std::uint64_t>(parser_.content_length, bytes.size());
  auto used = parse(bytes.substr(0, static_cast<std::size_t>(left)));
  if (parser_.content_length == 0) {
    phase_ = phase::chunk_end;
    expected_ = '\r';
  }
  return done(used);
}

head_reader::step head_reader::read_chunk_end(std::string_view bytes) {
  if (bytes.front() != expected_) {
    fail(400, "a chunk does not end with CR LF where its length says");
    return done(0);
  }
  auto used = parse(bytes.substr(0, 1));
  if (expected_ == '\n')
    phase_ = phase::chunk_line;
  expected_ = '\n';
  return done(used);
}

std::size_t head_reader::parse(std::string_view bytes) {
  begin_ = bytes.data();
  auto used
    = http_parser_execute(&parser_, &callbacks::all(), begin_, bytes.size());
  auto error = HTTP_PARSER_ERRNO(&parser_);
  if (error == HPE_PAUSED)
    http_parser_pause(&parser_, 0);
  else if (error != HPE_OK && status_ == 0)
    note_parser_error();
  return used;
}

void head_reader::after_head() {
  if (head_.chunked)
    phase_ = phase::chunk_line;
  else
    phase_ = phase::plain_body;
}

void head_reader::take_field() {
  value_ = nullptr;
  if (name_.find(' ') != std::string::npos) {
    fail(400, "there is a blank in the name of a header field, or before its "
              "colon");
    return;
  }
  if (saw_head_)
    return;
  for (std::size_t i = 0; i < known_fields.size(); ++i) {
    const auto& field = known_fields[i];
    if (field.name.size() != name_.size() || !equals_lower(name_, field.name))
      continue;
    auto bit = 1U << i;
    if ((head_.known & bit) != 0)
      fail(400, "there is more than one header field " + name_);
    head_.known |= bit;
    value_ = &(head_.*field.value);
  }
}

void head_reader::check_head() {
  head_.old = parser_.http_minor == 0;
  head_.upgrade = parser_.upgrade != 0;
  head_.chunked = (parser_.flags & F_CHUNKED) != 0;
  auto length = parser_.content_length;
  head_.content_length
    = head_.chunked || length == ~std::uint64_t{0} ? 0 : length;
  if (parser_.http_major != 1)
    fail(505, "the protocol must be HTTP/1.1 or HTTP/1.0");
  else if (parser_.method == HTTP_CONNECT)
    fail(501, "this server is no proxy: there is no CONNECT");
  else if (!head_.transfer_encoding.empty()
           && !equals_lower(head_.transfer_encoding, "chunked"))
    fail(400, "the Transfer-Encoding must be chunked or absent");
  else if ((head_.known & host_bit) == 0 && !head_.old)
    fail(400, "there must be one Host header");
}

void head_reader::note_parser_error() {
  switch (HTTP_PARSER_ERRNO(&parser_)) {
    case HPE_INVALID_METHOD:
      if (*begin_ >= 'A' && *begin_ <= 'Z')
        fail(501, "the server does not know that method");
      else
        fail(400, "this is no HTTP request");
      return;
    case HPE_HEADER_OVERFLOW:
      fail(431, "the headers are too large");
      return;
    case HPE_INVALID_VERSION:
      fail(505, "the protocol must be HTTP/1.1 or HTTP/1.0");
      return;
    default:
      fail(400, std::string{"this is no HTTP request: "}
                  + http_errno_description(HTTP_PARSER_ERRNO(&parser_)));
  }
}

head_reader::step head_reader::done(std::size_t used) {
  if (status_ != 0)
    return {used, body_, event::error};
  if (std::exchange(saw_end_, false)) {
    fresh_ = true;
    return {used, body_, event::end};
  }
  if (phase_ == phase::head && saw_head_) {
    phase_ = phase::head_end;
    return {used, body_, event::head};
  }
  return {used, body_, event::more};
}

int head_reader::fail(int status, std::string text) {
  if (status_ == 0) {
    status_ = status;
    text_ = std::move(text);
  }
  return -1;
}

} // namespace hearth::http
