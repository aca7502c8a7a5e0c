/// Reads a job's configuration, which is JSON, by dotted paths.
#pragma once

#include <charconv>
#include <cstdint>
#include <hearth/json_reader.hpp>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hearth {

/// A value is missing or of another type. If it is thrown while a job
/// validates, the client gets an error with this text.
class config_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A JSON value with everything in it. It is cheap to copy, because copies
/// share the text. Several threads may read it.
///
/// A path is a list of keys joined by dots. A key with a dot in it is quoted:
/// `input."file.name"`. The indexes of an array's elements are keys, too:
/// `rows.0`.
class config {
public:
  /// An empty object.
  config() = default;

  /// @throws config_error if the text is not JSON
  explicit config(std::string_view json) {
    try {
      auto root = std::make_shared<detail::node>(detail::parse_json(json));
      at_ = root.get();
      root_ = std::move(root);
    } catch (const std::invalid_argument& e) {
      throw config_error(std::string("the configuration is no JSON: ")
                         + e.what());
    }
  }

  /// Whether there is a value at `path` that is not null.
  bool has(std::string_view path) const {
    const auto* x = find(path);
    return x && x->kind != detail::json_kind::null;
  }

  /// Returns the value at `path` as a `bool`, an integer or floating-point
  /// type, a `std::string`, a `config` (any value) or a `std::vector` of these.
  /// If a number is asked for, a text that has the form of one is accepted,
  /// too.
  /// @throws config_error that names the path
  template <class T>
  T get(std::string_view path) const {
    const auto* x = find(path);
    if (!x || x->kind == detail::json_kind::null)
      throw config_error("the configuration has no value for '"
                         + std::string(path) + "'");
    return read<T>(*x, path);
  }

  /// Returns the value as `get` does; `otherwise` if there is no value.
  template <class T>
  T get_or(std::string_view path, T otherwise) const {
    const auto* x = find(path);
    if (!x || x->kind == detail::json_kind::null)
      return otherwise;
    return read<T>(*x, path);
  }

  std::string get_or(std::string_view path, const char* otherwise) const {
    return get_or<std::string>(path, otherwise);
  }

  /// Returns the keys of an object in their order; none for any other value.
  std::vector<std::string> keys() const {
    std::vector<std::string> result;
    if (at_)
      for (auto& [key, value] : at_->members)
        result.push_back(key);
    return result;
  }

private:
  config(std::shared_ptr<const detail::node> root, const detail::node* at)
    : root_(std::move(root)), at_(at) {
    // nop
  }

  template <class T>
  struct is_vector : std::false_type {};

  template <class T>
  struct is_vector<std::vector<T>> : std::true_type {};

  const detail::node* find(std::string_view path) const {
    const auto* x = at_;
    while (x && !path.empty())
      x = detail::child(*x, detail::next_key(path));
    return x;
  }

  template <class T>
  T read(const detail::node& x, std::string_view path) const {
    using detail::json_kind;
    if constexpr (std::is_same_v<T, config>) {
      return config(root_, &x);
    } else if constexpr (is_vector<T>::value) {
      if (x.kind != json_kind::array)
        wrong(x, path, "an array");
      T result;
      for (auto& [index, item] : x.members)
        result.push_back(
          read<typename T::value_type>(item, std::string(path) + '.' + index));
      return result;
    } else if constexpr (std::is_same_v<T, bool>) {
      if (x.text != "true" && x.text != "false")
        wrong(x, path, "true or false");
      return x.text == "true";
    } else if constexpr (std::is_arithmetic_v<T>) {
      return number<T>(x, path);
    } else {
      static_assert(std::is_constructible_v<T, const std::string&>,
                    "a configuration holds no values of this type");
      if (x.kind == json_kind::object || x.kind == json_kind::array)
        wrong(x, path, "a text");
      return T(x.text);
    }
  }

  template <class T>
  T number(const detail::node& x, std::string_view path) const {
    T result{};
    const auto* first = x.text.data();
    const auto* last = first + x.text.size();
    auto scalar = x.kind == detail::json_kind::number
                  || x.kind == detail::json_kind::string;
    if (scalar) {
      auto [end, error] = std::from_chars(first, last, result);
      if (error == std::errc{} && end == last)
        return result;
      // 1e3 and 2.0 are whole numbers too.
      double wide = 0;
      auto [wide_end, wide_error] = std::from_chars(first, last, wide);
      if (std::is_integral_v<T> && wide_error == std::errc{} && wide_end == last
          && wide >= -9007199254740992.0 && wide <= 9007199254740992.0
          && wide >= static_cast<double>(std::numeric_limits<T>::min())
          && wide <= static_cast<double>(std::numeric_limits<T>::max())
          && wide == static_cast<double>(static_cast<std::int64_t>(wide)))
        return static_cast<T>(wide);
    }
    wrong(x, path,
          std::is_floating_point_v<T> ? "a number"
                                      : "a whole number in the type's range");
  }

  [[noreturn]] static void wrong(const detail::node& x, std::string_view path,
                                 const char* wanted) {
    throw config_error("the configuration's value for '" + std::string(path)
                       + "' is " + detail::describe(x) + ", not " + wanted);
  }

  std::shared_ptr<const detail::node> root_;
  const detail::node* at_ = nullptr; ///< null for an empty object
};

} // namespace hearth
