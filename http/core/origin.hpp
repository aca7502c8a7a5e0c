/// Decides which host names this server answers to, and which web pages may
/// change something.
///
/// A browser sends requests to any address that a page names, also to one that
/// only this machine can reach. So the server checks header fields that a page
/// cannot choose: `Host` (if the name evil.example was made to point to
/// 127.0.0.1, it still is evil.example), `Origin` and `Sec-Fetch-Site`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearth::http {

/// Returns the items of a comma-separated list, without blanks around them.
std::vector<std::string> split_list(std::string_view text);

/// Returns the host of `host:port`, `[::1]:port`, or either without a port; ""
/// if the text has none of these forms.
std::string_view host_of(std::string_view authority) noexcept;

/// Whether a host is `localhost`, a name below it, or a loopback address.
bool is_loopback(std::string_view host) noexcept;

/// The host names that the server answers to.
class host_list {
public:
  /// @param bind_address the address on which the server listens
  /// @param allowed further hosts, separated by commas. If it is empty, a
  ///        server that listens beyond loopback answers to every name.
  host_list(std::string_view bind_address, std::string_view allowed);

  /// @param authority a `Host` header, or the authority of a URL
  bool admits(std::string_view authority) const noexcept;

private:
  bool all_;
  std::vector<std::string> names_;
};

/// The origin of the page for which a browser sent a request.
enum class page {
  none,    ///< no browser sent the request, or one that does not say so
  own,     ///< this server
  listed,  ///< an origin that the settings name
  any,     ///< another origin; the settings allow every origin with "*"
  foreign, ///< another origin, which is not allowed
};

/// The origins whose pages may use the server.
class origin_list {
public:
  /// @param allowed origins separated by commas; "*" stands for all
  explicit origin_list(std::string_view allowed);

  /// Classifies the page of a request.
  /// @param authority the host and port that the request names
  /// @param fetch_site `Sec-Fetch-Site`, "" if there is none
  page of(std::string_view origin, std::string_view authority,
          std::string_view fetch_site = {}) const;

private:
  bool all_ = false;
  std::vector<std::string> origins_;
};

} // namespace hearth::http
