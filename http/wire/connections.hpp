/// Keeps a table of the clients' connections, to limit how many each client has
/// and to close those that are late.
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

/// Follows how the next request of a connection arrives.
///
///   idle ──(a byte)──> arriving ──(all of it)──> worked on ──> idle …
///
/// A request is late if no byte arrived for `idle`, or if it has been arriving
/// for that time at less than `min_rate`.
class arrival {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    milliseconds idle;
    std::size_t min_rate; ///< bytes/s
  };

  explicit arrival(clock::time_point now) : quiet_since_(now) {}

  /// Call it regularly, because bytes that arrive between two calls are taken
  /// to have arrived at the time of the first.
  /// @param received how many bytes the connection has received since its begin
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

/// Knows connections by RESTinio's ids and by their sockets. It asks the kernel
/// how many bytes have arrived, because RESTinio has only one time limit, for
/// idling and for the largest upload. A socket is used only while it is still
/// the one that was accepted, so a missed `closed` does no harm. Only the
/// io_context's thread may use it.
class connection_table {
public:
  using clock = arrival::clock;

  struct limits {
    arrival::limits of_arrival;
    std::size_t per_client; ///< connections of one address; 0: no limit
  };

  explicit connection_table(limits most) : most_(most) {}

  /// Whether a client with that address may have one more connection.
  bool admits(const asio::ip::address& client) const;

  /// Call it for each accepted socket. `opened` has to follow at once, with the
  /// connection's id.
  /// @param input its reading side, which learns when no request is under way
  void accepted(int fd, const asio::ip::tcp::endpoint& client,
                std::shared_ptr<intake> input = {});

  void opened(std::uint64_t id, const asio::ip::tcp::endpoint& client,
              clock::time_point now);
  void closed(std::uint64_t id);

  /// Returns a flag that becomes true when that connection is closed; null if
  /// the connection is unknown. Any thread may read the flag.
  std::shared_ptr<const std::atomic<bool>> end_of(std::uint64_t id) const;

  /// Call it when RESTinio has handed over the next request of that connection.
  void request_seen(std::uint64_t id);

  /// Call them when a request or an answer of that connection begins and ends
  /// to be under way. There has to be one call of `end_work` for each
  /// `begin_work`.
  void begin_work(std::uint64_t id);
  void end_work(std::uint64_t id, clock::time_point now);

  /// Closes that connection at once, whatever is under way.
  void cut(std::uint64_t id);

  /// Makes that connection end with a reset, because its answer is not
  /// complete.
  void reset(std::uint64_t id);

  /// Abandons all connections, when the server ends.
  void abandon_all();

  /// Closes the connections that are late.
  void sweep(clock::time_point now);

private:
  struct socket {
    int fd = -1;
    std::uint64_t cookie = 0; ///< the kernel's number for this socket
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

  entries::iterator drop(entries::iterator place);

  limits most_;
  std::optional<socket> accepted_; ///< accepted, but without an id yet
  entries open_;
  std::unordered_map<std::size_t, std::size_t>
    of_client_; ///< by address's hash
};

} // namespace hearth::http
