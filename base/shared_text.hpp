/// A text that never changes, so that its copies share its memory.
///
/// The configuration of a job may have megabytes, and passes through several
/// records, messages and frames on the thread that everybody waits for. To
/// copy it takes a millisecond and more each time; to share it takes none.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace hearth {

class shared_text {
public:
  shared_text() = default;

  // Takes what a std::string takes.
  shared_text(std::string text)
    : text_(text.empty()
              ? nullptr
              : std::make_shared<const std::string>(std::move(text))) {}
  shared_text(const char* text) : shared_text(std::string{text}) {}

  const std::string& text() const noexcept {
    static const std::string none;
    return text_ ? *text_ : none;
  }

  operator const std::string&() const noexcept {
    return text();
  }

  bool empty() const noexcept {
    return !text_;
  }

  std::size_t size() const noexcept {
    return text_ ? text_->size() : 0;
  }

  friend bool operator==(const shared_text& x, const shared_text& y) noexcept {
    return x.text_ == y.text_ || x.text() == y.text();
  }

  friend bool operator!=(const shared_text& x, const shared_text& y) noexcept {
    return !(x == y);
  }

private:
  std::shared_ptr<const std::string> text_; ///< null: empty
};

/// For CAF, which sees it as a std::string.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shared_text& x) {
  if constexpr (Inspector::writes_state) {
    std::string text;
    typename Inspector::result_type result = f(text);
    x = std::move(text);
    return result;
  } else {
    auto text = x.text();
    return f(text);
  }
}

} // namespace hearth
