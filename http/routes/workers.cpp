#include "http/routes/workers.hpp"

#include <utility>

#include <asio/post.hpp>

namespace hearth::http {

workers::~workers() {
  close();
}

void workers::run(std::function<void()> task) {
  std::lock_guard guard{mutex_};
  if (closed_)
    return;
  if (!pool_)
    pool_ = std::make_unique<asio::thread_pool>(threads);
  asio::post(*pool_, std::move(task));
}

void workers::close() {
  std::unique_ptr<asio::thread_pool> pool;
  {
    std::lock_guard guard{mutex_};
    closed_ = true;
    pool = std::move(pool_);
  }
  if (!pool)
    return;
  // Its threads may wait for the lock above, so it is not held here.
  pool->stop();
  pool->join();
}

} // namespace hearth::http
