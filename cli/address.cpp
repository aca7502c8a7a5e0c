#include "cli/address.hpp"

#include <algorithm>
#include <memory>
#include <new>

#include <curl/curl.h>

#include "cli/failure.hpp"

namespace hearth::cli {

namespace {

using url_ptr = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK)
    return {};
  std::string result = text;
  curl_free(text);
  return result;
}

} // namespace

address read_address(std::string_view text, std::string_view source,
                     std::string_view credentials) {
  std::string full{text};
  if (full.find("://") == std::string::npos)
    full.insert(0, "http://");
  url_ptr url{curl_url(), &curl_url_cleanup};
  auto parsed = curl_url_set(url.get(), CURLUPART_URL, full.c_str(), 0);
  auto scheme = part(url.get(), CURLUPART_SCHEME);
  if (parsed != CURLUE_OK || (scheme != "http" && scheme != "https")
      || !part(url.get(), CURLUPART_QUERY).empty())
    throw usage_error{std::string{source}
                      + " holds no address of a server; one looks like "
                      + default_server};
  address result;
  result.user = part(url.get(), CURLUPART_USER, CURLU_URLDECODE);
  result.password = part(url.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
  for (auto secret : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT})
    curl_url_set(url.get(), secret, nullptr, 0);
  result.url = part(url.get(), CURLUPART_URL);
  while (result.url.ends_with('/'))
    result.url.pop_back();
  if (result.user.empty() && !credentials.empty()) {
    auto colon = std::min(credentials.find(':'), credentials.size());
    result.user = credentials.substr(0, colon);
    result.password
      = credentials.substr(std::min(colon + 1, credentials.size()));
  }
  return result;
}

std::string encode(std::string_view text) {
  if (text.empty())
    return {};
  std::unique_ptr<char, decltype(&curl_free)> encoded{
    curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())),
    &curl_free};
  if (!encoded)
    throw std::bad_alloc{};
  return encoded.get();
}

} // namespace hearth::cli
