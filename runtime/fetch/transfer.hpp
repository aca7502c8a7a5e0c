/// One transfer of libcurl. Only curl_transfers.cpp uses it.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "base/digest.hpp"
#include "runtime/fetch/transfers.hpp"

namespace hearth {

class transfer {
public:
  /// Opens the file of a download. A transfer that cannot begin has no handle,
  /// and its outcome says why.
  transfer(transfer_request request, transfers::receiver done);

  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;

  /// Returns null if the transfer could not begin.
  CURL* handle() const noexcept {
    return easy_.get();
  }

  /// Calls the receiver.
  void finish(CURLcode code);

private:
  using easy_ptr = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
  using list_ptr = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
  using file_ptr = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_.get(), option, value);
  }

  void set_common(const char* protocols);
  void set_post();
  void set_download();
  void add_header(const std::string& line);
  std::string outcome_of(CURLcode code);
  std::string outcome_of_post(long status) const;
  std::string outcome_of_download(long status);

  static std::size_t on_bytes(char* bytes, std::size_t, std::size_t n,
                              void* self);
  static std::size_t on_header(char* bytes, std::size_t, std::size_t n,
                               void* self);

  const transfer_request request_;
  const transfers::receiver done_;
  transfer_outcome outcome_;
  sha256_stream digest_;
  std::uint64_t received_ = 0;
  bool too_large_ = false;
  bool unwritten_ = false;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  file_ptr file_{nullptr, &std::fclose};
  list_ptr headers_{nullptr, &curl_slist_free_all};
  easy_ptr easy_;
};

} // namespace hearth
