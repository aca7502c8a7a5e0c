/// Makes the log lines about failed logins: one for each of the first few in a
/// period, and one with the number of the others, so that a flood of wrong
/// passwords does not fill the disk. The actor `access` owns it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace hearth {

/// Makes a name safe for a line of the log: long names are cut, everything but
/// printable ASCII is written as `\xHH`, and the whole is put in quotes.
std::string quoted_name(std::string_view name);

class failed_logins {
public:
  static constexpr std::chrono::seconds period{10};
  static constexpr std::size_t single_lines = 5; ///< in each period

  /// Counts a failed login.
  /// @param address "" if it is not known
  /// @returns the line for the log; "" if the login was only counted
  std::string add(std::string_view name, std::string_view address);

  /// Begins the next period.
  /// @returns a line about the logins that were only counted; "" if there were
  ///          none
  std::string end_period();

  /// Whether any login failed in this period.
  bool any() const noexcept {
    return failures_ > 0;
  }

private:
  std::size_t failures_ = 0;
  std::string last_address_;
};

} // namespace hearth
