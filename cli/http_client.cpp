#include "cli/http_client.hpp"

#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>

#include <curl/curl.h>
#include <fmt/format.h>

#include "cli/failure.hpp"

namespace hearth::cli {

namespace {

struct global_curl {
  global_curl() {
    curl_global_init(CURL_GLOBAL_DEFAULT);
  }
  ~global_curl() {
    curl_global_cleanup();
  }
};

using list_ptr = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using file_ptr = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

/// One request on its way; libcurl's callbacks know it.
struct flight {
  const request& in;
  const transfer& watch;
  CURL* easy;
  answer out{};
  file_ptr file{nullptr, &std::fclose};
  std::uintmax_t size = 0;
  std::exception_ptr thrown{}; ///< by a callback; libcurl must not see it
};

std::size_t on_body(char* data, std::size_t, std::size_t n, void* user) {
  auto& x = *static_cast<flight*>(user);
  try {
    long status = 0;
    curl_easy_getinfo(x.easy, CURLINFO_RESPONSE_CODE, &status);
    if (x.in.sink && status >= 200 && status < 300)
      x.in.sink({data, n});
    else
      x.out.body.append(data, n);
    return n;
  } catch (...) {
    x.thrown = std::current_exception();
    return 0;
  }
}

std::size_t on_file(char* to, std::size_t, std::size_t n, void* user) {
  auto& x = *static_cast<flight*>(user);
  auto got = std::fread(to, 1, n, x.file.get());
  return got == 0 && std::ferror(x.file.get()) ? CURL_READFUNC_ABORT : got;
}

int on_seek(void* user, curl_off_t offset, int origin) {
  auto& x = *static_cast<flight*>(user);
  return fseeko(x.file.get(), offset, origin) == 0 ? CURL_SEEKFUNC_OK
                                                   : CURL_SEEKFUNC_FAIL;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t size,
                curl_off_t sent) {
  auto& x = *static_cast<flight*>(user);
  try {
    x.watch(sent, size);
    return 0;
  } catch (...) {
    x.thrown = std::current_exception();
    return 1;
  }
}

void open(flight& x) {
  std::error_code error;
  if (std::filesystem::is_directory(x.in.file, error))
    throw file_error{x.in.file + ": is a folder"};
  x.size = std::filesystem::file_size(x.in.file, error);
  if (!error) {
    x.file.reset(std::fopen(x.in.file.c_str(), "rb"));
    if (!x.file)
      error = {errno, std::generic_category()};
  }
  if (error)
    throw file_error{x.in.file + ": " + error.message()};
}

std::string url_of(const address& server, const request& in) {
  auto result = server.url;
  for (const auto& segment : in.path)
    result += '/' + encode(segment);
  char mark = '?';
  for (const auto& [key, value] : in.query) {
    result += mark + encode(key) + '=' + encode(value);
    mark = '&';
  }
  return result;
}

/// Expect: 100-continue would cost a second where a server ignores it.
list_ptr headers_of(const request& in) {
  list_ptr result{curl_slist_append(nullptr, "Expect:"), &curl_slist_free_all};
  auto type
    = "Content-Type:" + (in.content_type.empty() ? "" : ' ' + in.content_type);
  curl_slist_append(result.get(), type.c_str());
  auto key = "Idempotency-Key: " + in.idempotency_key;
  if (!in.idempotency_key.empty())
    curl_slist_append(result.get(), key.c_str());
  return result;
}

void set_body(flight& x) {
  if (x.in.method == "GET") {
    curl_easy_setopt(x.easy, CURLOPT_HTTPGET, 1L);
  } else if (x.in.method != "POST" && x.in.body.empty() && x.in.file.empty()) {
    curl_easy_setopt(x.easy, CURLOPT_CUSTOMREQUEST, x.in.method.c_str());
  } else if (x.in.file.empty()) {
    curl_easy_setopt(x.easy, CURLOPT_POST, 1L);
    curl_easy_setopt(x.easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(x.in.body.size()));
    curl_easy_setopt(x.easy, CURLOPT_POSTFIELDS, x.in.body.c_str());
  } else {
    open(x);
    curl_easy_setopt(x.easy, CURLOPT_POST, 1L);
    curl_easy_setopt(x.easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(x.size));
    curl_easy_setopt(x.easy, CURLOPT_READFUNCTION, on_file);
    curl_easy_setopt(x.easy, CURLOPT_READDATA, &x);
    curl_easy_setopt(x.easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(x.easy, CURLOPT_SEEKDATA, &x);
  }
}

void set_callbacks(flight& x) {
  curl_easy_setopt(x.easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(x.easy, CURLOPT_WRITEDATA, &x);
  if (!x.watch)
    return;
  curl_easy_setopt(x.easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(x.easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(x.easy, CURLOPT_XFERINFODATA, &x);
}

} // namespace

struct http_client::handle {
  global_curl global;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(),
                                                           &curl_easy_cleanup};
};

http_client::http_client(address server, std::chrono::seconds connect_limit,
                         std::string ca_file)
  : server_(std::move(server)), connect_limit_(connect_limit),
    ca_file_(std::move(ca_file)), handle_(std::make_unique<handle>()) {
  // nop
}

http_client::~http_client() = default;

answer http_client::send(const request& in, const transfer& watch) {
  auto* easy = handle_->easy.get();
  curl_easy_reset(easy);
  flight x{in, watch, easy};
  std::array<char, CURL_ERROR_SIZE> why{};
  auto url = url_of(server_, in);
  auto headers = headers_of(in);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why.data());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "hearth/" HEARTH_VERSION);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT,
                   static_cast<long>(connect_limit_.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, static_cast<long>(in.limit.count()));
  if (!ca_file_.empty())
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file_.c_str());
  if (!server_.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, server_.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, server_.password.c_str());
  }
  set_body(x);
  set_callbacks(x);
  auto code = curl_easy_perform(easy);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  x.out.status = static_cast<int>(status);
  if (x.thrown)
    std::rethrow_exception(x.thrown);
  if (code == CURLE_ABORTED_BY_CALLBACK)
    throw file_error{in.file + ": cannot be read to its end"};
  // A server that refuses an upload may answer and close before it is done.
  auto answered_early
    = status >= 400 && !x.out.body.empty()
      && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR);
  if (code != CURLE_OK && !answered_early)
    throw unreachable{
      fmt::format("cannot reach {}: {}", server_.url,
                  why[0] != '\0' ? why.data() : curl_easy_strerror(code))};
  return std::move(x.out);
}

} // namespace hearth::cli
