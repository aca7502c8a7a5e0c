#include "http/wire/farewell.hpp"

#include <array>
#include <chrono>

#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

#include "base/loop_watch.hpp"

namespace hearth::http {

namespace {

constexpr std::size_t most_at_once = 256;
constexpr std::chrono::seconds longest{5};
constexpr std::size_t most_dropped = 64 << 20; ///< bytes of one client

/// One connection; the operations on its socket keep it alive.
class farewell : public std::enable_shared_from_this<farewell> {
public:
  farewell(asio::ip::tcp::socket socket, std::string last,
           std::shared_ptr<void> token, bool drains)
    : socket_(std::move(socket)), timer_(socket_.get_executor()),
      last_(std::move(last)), token_(std::move(token)), drains_(drains) {}

  void begin() {
    timer_.expires_after(longest);
    timer_.async_wait([weak = weak_from_this()](const auto& error) {
      name_work("closing a connection");
      auto self = weak.lock();
      if (!error && self)
        self->end();
    });
    asio::async_write(socket_, asio::buffer(last_),
                      [self = shared_from_this()](const auto& error, auto) {
                        name_work("closing a connection");
                        self->written(!error);
                      });
  }

private:
  void written(bool well) {
    asio::error_code ignored;
    if (!well || !drains_)
      return end();
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    drain();
  }

  void drain() {
    // Nobody looks at these bytes, so all connections share one buffer for
    // them.
    static std::array<char, 64 * 1024> dropped;
    socket_.async_read_some(
      asio::buffer(dropped),
      [self = shared_from_this()](const auto& error, std::size_t n) {
        name_work("closing a connection");
        self->dropped_ += n;
        if (error || self->dropped_ > most_dropped)
          self->end();
        else
          self->drain();
      });
  }

  void end() {
    asio::error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
  }

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::string last_;
  std::shared_ptr<void> token_;
  bool drains_;
  std::size_t dropped_ = 0;
};

} // namespace

farewells::farewells() : token_(std::make_shared<char>()) {}

void farewells::begin(asio::ip::tcp::socket socket, std::string last) {
  std::make_shared<farewell>(std::move(socket), std::move(last), token_,
                             count() < most_at_once)
    ->begin();
}

std::size_t farewells::count() const noexcept {
  return static_cast<std::size_t>(token_.use_count()) - 1;
}

} // namespace hearth::http
