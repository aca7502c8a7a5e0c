#include "actors/services/failed_logins.hpp"

namespace hearth {

namespace {

constexpr std::size_t longest_name = 64;

std::string place(std::string_view address) {
  return address.empty() ? std::string{} : " from " + std::string{address};
}

} // namespace

std::string quoted_name(std::string_view name) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result = "\"";
  for (unsigned char c : name.substr(0, longest_name)) {
    if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
      result += static_cast<char>(c);
    } else {
      result += "\\x";
      result += digits[c >> 4];
      result += digits[c & 0xf];
    }
  }
  return result + (name.size() > longest_name ? "…\"" : "\"");
}

std::string failed_logins::add(std::string_view name,
                               std::string_view address) {
  last_address_ = address;
  if (++failures_ > single_lines)
    return {};
  return "failed login of " + quoted_name(name) + place(address);
}

std::string failed_logins::end_period() {
  auto counted = failures_ > single_lines ? failures_ - single_lines : 0;
  failures_ = 0;
  if (counted == 0)
    return {};
  return std::to_string(counted) + " more failed logins within "
         + std::to_string(period.count()) + " s, the last"
         + place(last_address_);
}

} // namespace hearth
