#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/fetch/transfer.hpp"

namespace hearth {

namespace {

/// How long the thread sleeps, in milliseconds, if libcurl names no earlier
/// time. The start of a transfer wakes it.
constexpr int longest_sleep = 60'000;

/// The loop that the thread runs.
class transfer_loop {
public:
  transfer_loop() {
    // The first thread that comes here initialises libcurl, once. Nothing has
    // to be freed.
    static const auto ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK || !multi_)
      throw std::runtime_error("libcurl does not start");
  }

  transfer_loop(const transfer_loop&) = delete;
  transfer_loop& operator=(const transfer_loop&) = delete;

  ~transfer_loop() {
    for (auto& x : running_)
      curl_multi_remove_handle(multi_.get(), x->handle());
  }

  void start(transfer_request request, transfers::receiver done) {
    {
      std::lock_guard guard{mutex_};
      arrivals_.emplace_back(std::move(request), std::move(done));
    }
    curl_multi_wakeup(multi_.get());
  }

  void stop() {
    {
      std::lock_guard guard{mutex_};
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
  }

  void run() {
    std::vector<arrival> arrivals;
    while (next(arrivals)) {
      for (auto& [request, done] : std::exchange(arrivals, {}))
        add(std::move(request), std::move(done));
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      finish_those_done();
      curl_multi_poll(multi_.get(), nullptr, 0, longest_sleep, nullptr);
    }
  }

private:
  using multi_ptr = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
  using arrival = std::pair<transfer_request, transfers::receiver>;

  /// @returns false if it has to stop
  bool next(std::vector<arrival>& arrivals) {
    std::lock_guard guard{mutex_};
    arrivals.swap(arrivals_);
    return !stopping_;
  }

  void add(transfer_request request, transfers::receiver done) {
    auto x = std::make_unique<transfer>(std::move(request), std::move(done));
    if (!x->handle())
      return x->finish(CURLE_FAILED_INIT);
    curl_multi_add_handle(multi_.get(), x->handle());
    running_.push_back(std::move(x));
  }

  void finish_those_done() {
    int left = 0;
    while (auto* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      auto* handle = message->easy_handle;
      auto code = message->data.result;
      curl_multi_remove_handle(multi_.get(), handle);
      auto i = std::find_if(running_.begin(), running_.end(),
                            [&](auto& x) { return x->handle() == handle; });
      auto done = std::move(*i);
      running_.erase(i);
      done->finish(code);
    }
  }

  multi_ptr multi_{curl_multi_init(), &curl_multi_cleanup};
  std::mutex mutex_; ///< guards the next two
  std::vector<arrival> arrivals_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<transfer>> running_;
};

class curl_transfers final : public transfers {
public:
  curl_transfers()
    : loop_(std::make_shared<transfer_loop>()),
      thread_([loop = loop_] { loop->run(); }) {}

  ~curl_transfers() override {
    loop_->stop();
    // A receiver may have the last pointer to the owner of this object, which
    // is then destroyed on this thread.
    if (thread_.get_id() == std::this_thread::get_id())
      thread_.detach();
    else
      thread_.join();
  }

  void start(transfer_request request, receiver done) override {
    loop_->start(std::move(request), std::move(done));
  }

private:
  std::shared_ptr<transfer_loop> loop_;
  std::thread thread_;
};

} // namespace

std::shared_ptr<transfers> make_curl_transfers() {
  return std::make_shared<curl_transfers>();
}

} // namespace hearth
