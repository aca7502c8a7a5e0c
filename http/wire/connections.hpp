/// The connections of clients: how many each has, and which of them to close.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include <asio/ip/tcp.hpp>

namespace hearth::http {

using std::chrono::milliseconds;

class intake;

/// How the next request of a connection arrives.
///
///   idle ──(a byte)──> arriving ──(all of it)──> worked on ──> idle …
///
/// It is late if nothing came for `idle`, or if it has been arriving for that
/// long, and at less than `min_rate`.
class arrival {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    milliseconds idle;
    std::size_t min_rate; ///< bytes/s
  };

  explicit arrival(clock::time_point now) : quiet_since_(now) {}

  /// @param received bytes of the connection since it is there; calls come
  ///        regularly, for what happens between two is dated to the first
  bool is_late(clock::time_point now, std::uint64_t received,
               const limits& most);

private:
  struct begin {
    clock::time_point time;
    std::uint64_t received;
  };

  clock::time_point quiet_since_;
  clock::time_point last_look_ = quiet_since_;
  std::optional<std::uint64_t> received_;
  std::optional<begin> begun_;
};

/// Knows them by RESTinio's ids and by their sockets, whose kernel tells what
/// arrived: RESTinio has one time limit for idling and for the largest upload.
/// A socket is used only while it is the one that was accepted, so a missed
/// `closed` does no harm. On the io_context's thread alone.
class connection_table {
public:
  using clock = arrival::clock;

  struct limits {
    arrival::limits of_arrival;
    std::size_t per_client; ///< connections of one address; 0: no limit
  };

  explicit connection_table(limits most) : most_(most) {}

  /// Whether that address may have one more.
  bool admits(const asio::ip::address& client) const;

  /// A socket that was accepted; `opened` follows at once, with its id.
  /// @param input its reading side, which is told when nothing is under way
  void accepted(int fd, const asio::ip::tcp::endpoint& client,
                std::shared_ptr<intake> input = {});

  void opened(std::uint64_t id, const asio::ip::tcp::endpoint& client,
              clock::time_point now);
  void closed(std::uint64_t id);

  /// Becomes true when that connection is closed; nothing if it is unknown.
  /// May be read on any thread.
  std::shared_ptr<const std::atomic<bool>> end_of(std::uint64_t id) const;

  /// RESTinio has handed over the next request of it.
  void request_seen(std::uint64_t id);

  /// A request of it is under way, or an answer: the calls of both balance.
  void begin_work(std::uint64_t id);
  void end_work(std::uint64_t id, clock::time_point now);

  /// Closes that connection at once, whatever is under way.
  void cut(std::uint64_t id);

  /// Makes that connection end with a reset: its answer is not complete.
  void reset(std::uint64_t id);

  /// Lets go of all, when the server ends.
  void abandon_all();

  /// Closes those that are late.
  void sweep(clock::time_point now);

private:
  struct socket {
    int fd = -1;
    std::uint64_t cookie = 0; ///< the kernel's, of this one alone
    asio::ip::tcp::endpoint client;
    std::shared_ptr<intake> input;
  };

  struct entry {
    socket at;
    arrival next;
    int work = 0;
    std::shared_ptr<std::atomic<bool>> ended
      = std::make_shared<std::atomic<bool>>(false);
  };

  using entries = std::unordered_map<std::uint64_t, entry>;

  entries::iterator drop(entries::iterator x);

  limits most_;
  std::optional<socket> accepted_; ///< that has no id yet
  entries open_;
  std::unordered_map<std::size_t, std::size_t> of_client_; ///< by its hash
};

} // namespace hearth::http
