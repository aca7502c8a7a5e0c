#include "http/core/origin.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace hearth::http {

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equals(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

/// The port of an authority, "" if it has none.
std::string_view port_of(std::string_view authority,
                         std::string_view host) noexcept {
  auto rest = authority.substr(host.data() - authority.data() + host.size());
  if (rest.starts_with(']'))
    rest.remove_prefix(1);
  return rest.empty() ? rest : rest.substr(1);
}

/// Whether both name the same host and port, by default those of the scheme.
bool same_place(std::string_view a, std::string_view b,
                std::string_view default_port) noexcept {
  auto host_a = host_of(a);
  auto host_b = host_of(b);
  if (host_a.empty() || !equals(host_a, host_b))
    return false;
  auto port = [&](auto all, auto host) {
    auto result = port_of(all, host);
    return result.empty() ? default_port : result;
  };
  return port(a, host_a) == port(b, host_b);
}

} // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    auto n = std::min(text.find(','), text.size());
    auto item = text.substr(0, n);
    text.remove_prefix(std::min(n + 1, text.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (!item.empty())
      result.emplace_back(item);
  }
  return result;
}

std::string_view host_of(std::string_view authority) noexcept {
  auto bracket = authority.starts_with('[');
  auto end = bracket ? authority.find(']') : authority.find(':');
  if (bracket && end == std::string_view::npos)
    return {};
  auto host = bracket ? authority.substr(1, end - 1) : authority.substr(0, end);
  auto rest = authority.substr(
    std::min(end == std::string_view::npos ? end : end + (bracket ? 1 : 0),
             authority.size()));
  auto digits = rest.substr(std::min<std::size_t>(1, rest.size()));
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  auto is_good = [](char c) {
    return c > ' ' && c != 0x7f && c != '/' && c != '@' && c != '?' && c != '#'
           && c != ',' && c != '\\';
  };
  if ((!rest.empty() && rest.front() != ':')
      || !std::all_of(digits.begin(), digits.end(), is_digit)
      || !std::all_of(host.begin(), host.end(), is_good))
    return {};
  return host;
}

bool is_loopback(std::string_view host) noexcept {
  constexpr std::string_view name = "localhost";
  if (equals(host, name)
      || (host.size() > name.size()
          && host[host.size() - name.size() - 1] == '.'
          && equals(host.substr(host.size() - name.size()), name)))
    return true;
  char text[INET6_ADDRSTRLEN] = {};
  if (host.size() >= sizeof text)
    return false;
  std::copy(host.begin(), host.end(), text);
  in_addr four{};
  if (::inet_pton(AF_INET, text, &four) == 1)
    return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

host_list::host_list(std::string_view bind_address, std::string_view allowed)
  : names_(split_list(allowed)) {
  all_ = names_.empty() && !is_loopback(bind_address);
  names_.emplace_back(bind_address);
}

bool host_list::admits(std::string_view authority) const noexcept {
  auto host = host_of(authority);
  if (host.empty())
    return false;
  return all_ || is_loopback(host)
         || std::any_of(names_.begin(), names_.end(),
                        [&](const auto& name) { return equals(name, host); });
}

origin_list::origin_list(std::string_view allowed)
  : origins_(split_list(allowed)) {
  all_ = std::erase(origins_, "*") > 0;
}

page origin_list::of(std::string_view origin, std::string_view authority,
                     std::string_view fetch_site) const {
  if (origin.empty()) {
    if (fetch_site != "cross-site")
      return page::none;
  } else if (std::find(origins_.begin(), origins_.end(), origin)
             != origins_.end()) {
    return page::listed;
  } else if (fetch_site != "cross-site") {
    constexpr std::string_view plain = "http://";
    constexpr std::string_view secure = "https://";
    // Behind a proxy that speaks TLS, the page has the scheme https.
    if ((origin.starts_with(plain)
         && same_place(origin.substr(plain.size()), authority, "80"))
        || (origin.starts_with(secure)
            && same_place(origin.substr(secure.size()), authority, "443")))
      return page::own;
  }
  return all_ ? page::any : page::foreign;
}

} // namespace hearth::http
