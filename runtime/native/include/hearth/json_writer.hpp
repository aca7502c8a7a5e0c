/// Writes JSON directly into memory that the agent provides.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace hearth {

/// Gives a writer memory, and takes the bytes that were written to it.
class json_sink {
public:
  virtual ~json_sink() = default;

  /// Takes the first `used` bytes of the memory that it returned last, and
  /// returns memory for more.
  /// @param least how many bytes are needed, at most 4096
  /// @param room receives how many bytes can be written
  virtual char* next(std::size_t used, std::size_t least, std::size_t& room)
    = 0;
};

/// Writes one JSON value. The writer puts in commas and colons; the caller has
/// to end each object and array that it begins. A result that does not fit into
/// one message is sent to the server while the job still writes, as fast as the
/// server takes it. Not thread-safe.
///
/// `write(x)` takes numbers (infinities and NaN become null), booleans, texts
/// in UTF-8, pointers and optionals (null if empty), vectors, tuples and pairs
/// (arrays), maps (objects), and any type with a member
/// `void write_json(json_writer&) const` or a function
/// `void write_json(json_writer&, const T&)` in its namespace.
class json_writer {
public:
  explicit json_writer(json_sink& sink) : sink_(sink) {
    // nop
  }

  json_writer(const json_writer&) = delete;
  json_writer& operator=(const json_writer&) = delete;

  json_writer& begin_object() {
    return open('{');
  }

  json_writer& end_object() {
    return close('}');
  }

  json_writer& begin_array() {
    return open('[');
  }

  json_writer& end_array() {
    return close(']');
  }

  json_writer& key(std::string_view name) {
    separate();
    text(name);
    put(':');
    after_key_ = true;
    return *this;
  }

  /// Writes a key and its value.
  template <class T>
  json_writer& member(std::string_view name, const T& value) {
    key(name);
    return write(value);
  }

  json_writer& null() {
    return raw("null");
  }

  /// Writes a text that is JSON already.
  json_writer& raw(std::string_view json) {
    separate();
    append(json);
    return *this;
  }

  template <class T>
  json_writer& write(const T& x);

  /// Gives the last written bytes to the sink.
  void finish() {
    if (at_ != begin_)
      begin_ = at_ = end_ = sink_.next(used(), 0, room_);
  }

  /// Whether nothing was written.
  bool untouched() const noexcept {
    return begin_ == nullptr;
  }

private:
  std::size_t used() const noexcept {
    return static_cast<std::size_t>(at_ - begin_);
  }

  void need(std::size_t least) {
    if (static_cast<std::size_t>(end_ - at_) >= least)
      return;
    begin_ = at_ = sink_.next(used(), least, room_);
    end_ = begin_ + room_;
  }

  void put(char c) {
    need(1);
    *at_++ = c;
  }

  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      need(1);
      auto n = std::min(bytes.size(), static_cast<std::size_t>(end_ - at_));
      std::memcpy(at_, bytes.data(), n);
      at_ += n;
      bytes.remove_prefix(n);
    }
  }

  void separate() {
    if (!after_key_ && !first_)
      put(',');
    after_key_ = false;
    first_ = false;
  }

  json_writer& open(char c) {
    separate();
    put(c);
    first_ = true;
    return *this;
  }

  json_writer& close(char c) {
    put(c);
    first_ = false;
    return *this;
  }

  template <class T>
  void number(T x) {
    constexpr std::size_t longest = 40;
    need(longest);
    at_ = std::to_chars(at_, at_ + longest, x).ptr;
  }

  void text(std::string_view x) {
    put('"');
    std::size_t plain = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      auto c = static_cast<unsigned char>(x[i]);
      if (c >= 0x20 && c != '"' && c != '\\')
        continue;
      append(x.substr(plain, i - plain));
      plain = i + 1;
      escape(c);
    }
    append(x.substr(plain));
    put('"');
  }

  void escape(unsigned char c) {
    constexpr std::string_view plain = "\"\\\b\f\n\r\t";
    constexpr std::string_view named = "\"\\bfnrt";
    constexpr char digits[] = "0123456789abcdef";
    auto i = plain.find(static_cast<char>(c));
    if (i != std::string_view::npos) {
      const char two[] = {'\\', named[i]};
      append({two, 2});
      return;
    }
    const char six[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    append({six, 6});
  }

  json_sink& sink_;
  char* begin_ = nullptr;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::size_t room_ = 0;
  bool first_ = true;
  bool after_key_ = false;
};

namespace detail {

template <class T, class = void>
struct has_member_write : std::false_type {};

template <class T>
struct has_member_write<
  T, std::void_t<decltype(std::declval<const T&>().write_json(
       std::declval<json_writer&>()))>> : std::true_type {};

template <class T, class = void>
struct has_free_write : std::false_type {};

template <class T>
struct has_free_write<
  T, std::void_t<decltype(write_json(std::declval<json_writer&>(),
                                     std::declval<const T&>()))>>
  : std::true_type {};

template <class T, class = void>
struct is_map : std::false_type {};

template <class T>
struct is_map<T, std::void_t<typename T::mapped_type>> : std::true_type {};

template <class T, class = void>
struct is_range : std::false_type {};

template <class T>
struct is_range<T, std::void_t<decltype(std::declval<const T&>().begin()),
                               decltype(std::declval<const T&>().end())>>
  : std::true_type {};

template <class T, class = void>
struct is_tuple : std::false_type {};

template <class T>
struct is_tuple<T, std::void_t<decltype(std::tuple_size<T>::value)>>
  : std::true_type {};

/// Optionals and pointers.
template <class T, class = void>
struct is_nullable : std::false_type {};

template <class T>
struct is_nullable<T, std::void_t<decltype(*std::declval<const T&>()),
                                  decltype(bool(std::declval<const T&>()))>>
  : std::true_type {};

} // namespace detail

template <class T>
json_writer& json_writer::write(const T& x) {
  if constexpr (detail::has_member_write<T>::value) {
    x.write_json(*this);
  } else if constexpr (detail::has_free_write<T>::value) {
    write_json(*this, x);
  } else if constexpr (std::is_same_v<T, bool>) {
    raw(x ? "true" : "false");
  } else if constexpr (
    std::is_same_v<
      T,
      std::
        nullptr_t> || std::is_same_v<T, std::monostate> || std::is_same_v<T, std::nullopt_t>) {
    null();
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(x))
      return null();
    separate();
    number(x);
  } else if constexpr (std::is_integral_v<T>) {
    separate();
    number(x);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    separate();
    text(x);
  } else if constexpr (detail::is_map<T>::value) {
    begin_object();
    for (auto& [name, value] : x) {
      if constexpr (std::is_arithmetic_v<typename T::key_type>)
        member(std::to_string(name), value);
      else
        member(name, value);
    }
    end_object();
  } else if constexpr (detail::is_range<T>::value) {
    begin_array();
    for (const typename T::value_type& item : x)
      write(item);
    end_array();
  } else if constexpr (detail::is_tuple<T>::value) {
    begin_array();
    std::apply([this](auto&... items) { (this->write(items), ...); }, x);
    end_array();
  } else {
    static_assert(detail::is_nullable<T>::value,
                  "a type needs write_json(json_writer&) to be in a result");
    if (x)
      write(*x);
    else
      null();
  }
  return *this;
}

} // namespace hearth
