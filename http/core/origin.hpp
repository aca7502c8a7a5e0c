/// Which names this server answers to, and which pages may change something.
///
/// A browser sends requests to any address that a page names, also to one that
/// only this machine can reach. So the server looks at what the page cannot
/// choose: `Host` (a page of evil.example whose name was made to mean 127.0.0.1
/// still says evil.example), `Origin` and `Sec-Fetch-Site`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearth::http {

/// The items of a list that is separated by commas, without blanks around them.
std::vector<std::string> split_list(std::string_view text);

/// The host of `host:port`, `[::1]:port` or either without a port; "" if it is
/// none of these.
std::string_view host_of(std::string_view authority) noexcept;

/// Whether a host is `localhost`, a name below it, or a loopback address.
bool is_loopback(std::string_view host) noexcept;

/// The names under which the server may be asked.
class host_list {
public:
  /// @param bind_address where the server listens
  /// @param allowed further hosts, separated by commas. If it is empty, a
  ///        server that listens beyond loopback answers to every name.
  host_list(std::string_view bind_address, std::string_view allowed);

  /// @param authority a `Host` header, or the authority of a URL
  bool admits(std::string_view authority) const noexcept;

private:
  bool all_;
  std::vector<std::string> names_;
};

/// Where the page is from that a browser sent a request for.
enum class page {
  none,    ///< no browser sent it, or one that does not say so
  own,     ///< from this server
  listed,  ///< from an origin that the settings name
  any,     ///< from elsewhere; the settings allow every origin with "*"
  foreign, ///< from elsewhere
};

/// The origins whose pages may use the server.
class origin_list {
public:
  /// @param allowed origins separated by commas; "*" stands for all
  explicit origin_list(std::string_view allowed);

  /// @param authority under which the server was asked
  /// @param fetch_site `Sec-Fetch-Site`, "" if there is none
  page of(std::string_view origin, std::string_view authority,
          std::string_view fetch_site = {}) const;

private:
  bool all_ = false;
  std::vector<std::string> origins_;
};

} // namespace hearth::http
