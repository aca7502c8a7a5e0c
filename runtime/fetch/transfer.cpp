#include "runtime/fetch/transfer.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <string_view>

#include <curl/curl.h>

namespace hearth {

namespace {

using easy_ptr = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using list_ptr = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using file_ptr = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

constexpr long connect_seconds = 10;
constexpr long most_redirects = 5;

/// One transfer: the handle and where libcurl writes what went wrong.
class transfer {
public:
  transfer(const std::string& url, const char* protocols,
           std::chrono::milliseconds limit)
    : url_(url) {
    // Once, whichever thread comes first; there is nothing to give back.
    static const auto ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK || !easy_)
      throw transfer_error("libcurl does not start");
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, protocols);
    set(CURLOPT_ERRORBUFFER, why_.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "hearth/" HEARTH_VERSION);
    set(CURLOPT_CONNECTTIMEOUT, connect_seconds);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    set(CURLOPT_WRITEFUNCTION, discard);
  }

  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_.get(), option, value);
  }

  void header(const std::string& line) {
    headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
    set(CURLOPT_HTTPHEADER, headers_.get());
  }

  /// @returns the status of the answer, 0 if the protocol has none
  long run() {
    auto code = curl_easy_perform(easy_.get());
    if (code != CURLE_OK)
      fail(why_[0] != '\0' ? why_.data() : curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return url_.starts_with("http") ? status : 0;
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw transfer_error(without_credentials(url_) + ": " + why);
  }

  CURL* get() const noexcept {
    return easy_.get();
  }

private:
  static std::size_t discard(char*, std::size_t, std::size_t n, void*) {
    return n;
  }

  const std::string& url_;
  std::array<char, CURL_ERROR_SIZE> why_{};
  easy_ptr easy_{curl_easy_init(), &curl_easy_cleanup};
  list_ptr headers_{nullptr, &curl_slist_free_all};
};

/// A file that is written until it holds too much.
struct sink {
  file_ptr file;
  std::uint64_t left;
  bool full = false;
};

std::size_t on_bytes(char* bytes, std::size_t, std::size_t n, void* user) {
  auto& x = *static_cast<sink*>(user);
  x.full = n > x.left;
  if (x.full)
    return 0;
  x.left -= n;
  return std::fwrite(bytes, 1, n, x.file.get());
}

std::size_t on_header(char* bytes, std::size_t, std::size_t n, void* user) {
  std::string_view line{bytes, n};
  constexpr std::string_view name = "etag:";
  auto same = line.size() > name.size();
  for (std::size_t i = 0; same && i < name.size(); ++i)
    same = (line[i] | 0x20) == (name[i] | 0x20);
  if (same) {
    line.remove_prefix(name.size());
    auto first = line.find_first_not_of(' ');
    auto last = line.find_last_not_of(" \r\n");
    if (first != std::string_view::npos && last >= first)
      *static_cast<std::string*>(user) = line.substr(first, last - first + 1);
  }
  return n;
}

void ask_whether_changed(transfer& x, const remote_state& known) {
  if (!known.etag.empty())
    x.header("If-None-Match: " + known.etag);
  if (known.modified >= 0) {
    x.set(CURLOPT_TIMECONDITION, static_cast<long>(CURL_TIMECOND_IFMODSINCE));
    x.set(CURLOPT_TIMEVALUE_LARGE, static_cast<curl_off_t>(known.modified));
  }
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

void post_json(const std::string& url, const std::string& json,
               std::chrono::milliseconds limit) {
  transfer x{url, "http,https", limit};
  x.header("Content-Type: application/json");
  x.header("Expect:");
  x.set(CURLOPT_POST, 1L);
  x.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  x.set(CURLOPT_POSTFIELDS, json.c_str());
  auto status = x.run();
  if (status < 200 || status > 299)
    x.fail("answered " + std::to_string(status));
}

bool download(const std::string& url, const std::string& file,
              remote_state& known, std::uint64_t max_bytes,
              std::chrono::milliseconds limit) {
  transfer x{url, "http,https,ftp", limit};
  sink to{{std::fopen(file.c_str(), "wbe"), &std::fclose}, max_bytes};
  if (!to.file)
    x.fail("cannot write " + file);
  remote_state now;
  x.set(CURLOPT_FOLLOWLOCATION, 1L);
  x.set(CURLOPT_MAXREDIRS, most_redirects);
  x.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  x.set(CURLOPT_FAILONERROR, 1L);
  x.set(CURLOPT_FILETIME, 1L);
  x.set(CURLOPT_WRITEFUNCTION, on_bytes);
  x.set(CURLOPT_WRITEDATA, static_cast<void*>(&to));
  x.set(CURLOPT_HEADERFUNCTION, on_header);
  x.set(CURLOPT_HEADERDATA, static_cast<void*>(&now.etag));
  ask_whether_changed(x, known);
  long status = 0;
  try {
    status = x.run();
  } catch (const transfer_error&) {
    if (to.full)
      x.fail("is larger than " + std::to_string(max_bytes) + " bytes");
    throw;
  }
  long unmet = 0;
  curl_easy_getinfo(x.get(), CURLINFO_CONDITION_UNMET, &unmet);
  if (status == 304 || unmet != 0)
    return false;
  if (std::fflush(to.file.get()) != 0)
    x.fail("cannot write " + file);
  curl_off_t modified = -1;
  curl_easy_getinfo(x.get(), CURLINFO_FILETIME_T, &modified);
  now.modified = modified;
  known = now;
  return true;
}

} // namespace hearth
