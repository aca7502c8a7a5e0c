#include "runtime/fetch/url.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <curl/curl.h>

namespace hearth {

namespace {

using url_ptr = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::optional<std::string> part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
    return std::nullopt;
  std::unique_ptr<char, decltype(&curl_free)> owner{text, &curl_free};
  return std::string{text};
}

} // namespace

std::string without_credentials(const std::string& url) {
  auto begin = url.find("://");
  if (begin == std::string::npos)
    return url;
  begin += 3;
  auto at = url.substr(0, url.find_first_of("/?#", begin)).rfind('@');
  return at == std::string::npos || at < begin
           ? url
           : url.substr(0, begin) + url.substr(at + 1);
}

std::string host_of(const std::string& url) {
  url_ptr parsed{curl_url(), &curl_url_cleanup};
  if (!parsed
      || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return url;
  auto host = part_of(parsed.get(), CURLUPART_HOST);
  auto port = part_of(parsed.get(), CURLUPART_PORT);
  if (!host || !port)
    return url;
  std::transform(host->begin(), host->end(), host->begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return *host + ":" + *port;
}

} // namespace hearth
