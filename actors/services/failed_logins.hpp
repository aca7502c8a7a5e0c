/// What the log says about failed logins: the first few of a period one by one,
/// the others as a number, so that a flood of wrong passwords does not fill the
/// disk.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace hearth {

/// A name as it may stand in a line of the log: cut, with anything but
/// printable ASCII as `\xHH`, in quotes.
std::string quoted_name(std::string_view name);

class failed_logins {
public:
  static constexpr std::chrono::seconds period{10};
  static constexpr std::size_t single_lines = 5; ///< in a period

  /// @param address "": not known
  /// @returns the line for the log; "": it was only counted
  std::string add(std::string_view name, std::string_view address);

  /// Begins the next period.
  /// @returns a line about those that were only counted, "" if there are none
  std::string end_period();

  /// Whether anything failed in this period.
  bool any() const noexcept {
    return failures_ > 0;
  }

private:
  std::size_t failures_ = 0;
  std::string last_address_;
};

} // namespace hearth
