#include "runtime/fetch/transfer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/private_files.hpp"
#include "runtime/fetch/url.hpp"

namespace hearth {

namespace {

constexpr long connect_ms = 10'000;
constexpr long most_redirects = 5;

std::size_t discard(char*, std::size_t, std::size_t n, void*) {
  return n;
}

/// The value of the header field `etag`, or "" if the line is of another one.
std::string etag_in(std::string_view line) {
  constexpr std::string_view name = "etag:";
  auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  if (line.size() < name.size()
      || !std::equal(name.begin(), name.end(), line.begin(), same))
    return {};
  line.remove_prefix(name.size());
  auto first = line.find_first_not_of(' ');
  auto last = line.find_last_not_of(" \r\n");
  return first == std::string_view::npos || last < first
           ? std::string{}
           : std::string{line.substr(first, last - first + 1)};
}

} // namespace

transfer::transfer(transfer_request request, transfers::receiver done)
  : request_(std::move(request)), done_(std::move(done)),
    easy_(curl_easy_init(), &curl_easy_cleanup) {
  if (!easy_) {
    outcome_.error = "libcurl does not start";
    return;
  }
  if (request_.file.empty()) {
    set_common("http,https");
    set_post();
    return;
  }
  file_.reset(open_private_file(request_.file));
  if (!file_) {
    outcome_.error = "cannot write " + request_.file;
    easy_.reset();
    return;
  }
  set_common("http,https,ftp");
  set_download();
}

void transfer::set_common(const char* protocols) {
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_PROTOCOLS_STR, protocols);
  set(CURLOPT_ERRORBUFFER, detail_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  // A name that is still being looked up must not hold up the server's end.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_USERAGENT, "hearth/" HEARTH_VERSION);
  auto limit = std::max<long>(static_cast<long>(request_.limit.count()), 1);
  set(CURLOPT_CONNECTTIMEOUT_MS, std::min(limit, connect_ms));
  set(CURLOPT_TIMEOUT_MS, limit);
}

void transfer::set_post() {
  add_header("Content-Type: application/json");
  add_header("Expect:");
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDSIZE_LARGE,
      static_cast<curl_off_t>(request_.json.size()));
  set(CURLOPT_POSTFIELDS, request_.json.c_str());
  set(CURLOPT_WRITEFUNCTION, discard);
}

void transfer::set_download() {
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, most_redirects);
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_FILETIME, 1L);
  set(CURLOPT_WRITEFUNCTION, &transfer::on_bytes);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_HEADERFUNCTION, &transfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  if (!request_.known.etag.empty())
    add_header("If-None-Match: " + request_.known.etag);
  if (request_.known.modified >= 0) {
    set(CURLOPT_TIMECONDITION, static_cast<long>(CURL_TIMECOND_IFMODSINCE));
    set(CURLOPT_TIMEVALUE_LARGE,
        static_cast<curl_off_t>(request_.known.modified));
  }
}

void transfer::add_header(const std::string& line) {
  headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
  set(CURLOPT_HTTPHEADER, headers_.get());
}

void transfer::finish(CURLcode code) {
  if (easy_) {
    auto error = outcome_of(code);
    if (!error.empty())
      outcome_.error = without_credentials(request_.url) + ": " + error;
    easy_.reset();
  }
  file_.reset();
  done_(std::move(outcome_));
}

/// @returns the error, or ""
std::string transfer::outcome_of(CURLcode code) {
  if (too_large_)
    return "is larger than " + std::to_string(request_.max_bytes) + " bytes";
  if (unwritten_)
    return "cannot write " + request_.file;
  if (code == CURLE_OPERATION_TIMEDOUT)
    return "was not done within " + std::to_string(request_.limit.count())
           + " ms";
  if (code != CURLE_OK)
    return detail_[0] != '\0' ? detail_.data() : curl_easy_strerror(code);
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  return request_.file.empty() ? outcome_of_post(status)
                               : outcome_of_download(status);
}

std::string transfer::outcome_of_post(long status) const {
  return status >= 200 && status <= 299 ? std::string{}
                                        : "answered " + std::to_string(status);
}

std::string transfer::outcome_of_download(long status) {
  long unmet = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_CONDITION_UNMET, &unmet);
  // 304 is a status of HTTP; FTP has other numbers.
  if (unmet != 0 || (status == 304 && request_.url.starts_with("http")))
    return {};
  if (std::fflush(file_.get()) != 0)
    return "cannot write " + request_.file;
  curl_off_t modified = -1;
  curl_easy_getinfo(easy_.get(), CURLINFO_FILETIME_T, &modified);
  outcome_.state.modified = modified;
  outcome_.changed = true;
  outcome_.digest = digest_.digest();
  return {};
}

std::size_t transfer::on_bytes(char* bytes, std::size_t, std::size_t n,
                               void* self) {
  auto& x = *static_cast<transfer*>(self);
  x.received_ += n;
  x.too_large_ = x.received_ > x.request_.max_bytes;
  if (x.too_large_)
    return 0;
  x.unwritten_ = std::fwrite(bytes, 1, n, x.file_.get()) != n;
  if (x.unwritten_)
    return 0;
  x.digest_.add({bytes, n});
  return n;
}

std::size_t transfer::on_header(char* bytes, std::size_t, std::size_t n,
                                void* self) {
  auto etag = etag_in({bytes, n});
  if (!etag.empty())
    static_cast<transfer*>(self)->outcome_.state.etag = std::move(etag);
  return n;
}

} // namespace hearth
