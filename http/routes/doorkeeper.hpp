/// Decides whether the sender of a request may use a route.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "conf/permissions.hpp"
#include "conf/settings.hpp"
#include "http/core/message.hpp"

namespace hearth::http {

struct route_env;
struct route;

struct credentials {
  std::string name;
  std::string password;
};

/// Reads the header `Authorization: Basic …`.
/// @returns nothing if the header is not of that form
std::optional<credentials> read_basic(std::string_view authorization);

/// Remembers for a while which credentials were right, because checking a
/// password takes long, and which requests wait for such a check. Thread-safe.
class doorkeeper {
public:
  using clock = std::chrono::steady_clock;

  /// Called with the refusal if a request may not use its route, and with
  /// nothing if it may.
  using decision = std::function<void(std::optional<response>)>;

  struct waiter {
    decision then;
    const route* to;
  };

  /// The place of a request among those that wait for the same check.
  enum class place { first, behind, none };

  explicit doorkeeper(const conf::access_settings& settings);

  conf::permissions anonymous() const noexcept {
    return anonymous_;
  }

  /// Returns the name under which a header is remembered: its MAC, with a key
  /// that only this process has.
  std::string tag_of(std::string_view authorization) const;

  /// Returns the permissions of a header, if it was checked lately.
  std::optional<conf::permissions> known(const std::string& tag,
                                         clock::time_point now);

  /// Lets a request wait for the check of its password. If it is the `first`
  /// one, its caller has to start the check, and to call `settle` at its end.
  /// @returns `none` if too many requests wait
  place wait(const std::string& tag, waiter who);

  /// Ends a check. Credentials with any permission are remembered.
  /// @returns the requests that waited for it
  std::vector<waiter> settle(const std::string& tag, conf::permissions granted,
                             clock::time_point now);

private:
  struct entry {
    conf::permissions granted;
    clock::time_point until;
  };

  const conf::permissions anonymous_;
  const std::chrono::milliseconds cache_time_;
  std::array<unsigned char, 32> key_{};
  std::mutex mutex_; ///< guards the members below
  std::unordered_map<std::string, entry> known_;
  std::unordered_map<std::string, std::vector<waiter>> waiting_;
};

/// Returns the name of the user who sent an accepted request; "" if there are
/// no users, or if the request names none.
std::string user_of(const route_env& e, const request& in);

/// Returns the header Idempotency-Key, made private to its user; "" if there is
/// none.
/// @throws bad_request
std::string own_key(const route_env& e, const request& in);

/// What is known about credentials without checking a password.
struct door_answer {
  bool known; ///< true if no password has to be checked
  std::optional<response>
    refused; ///< the answer to a request without the right
};

/// Decides whether the sender of that header may use the route, if that is
/// known without checking a password.
door_answer ask_at_once(const route_env& e, std::string_view authorization,
                        const route& to);

/// Decides the same after checking the password.
/// @param address of the client, by which clients that guess are slowed down
/// @param then called on any thread, perhaps at once
void ask_later(const route_env& e, std::string_view authorization,
               std::string address, const route& to, doorkeeper::decision then);

/// Runs the route if the request may use it: at once, or when its password was
/// checked.
void enter(const route_env& e, const exchange_ptr& call, const route& to);

} // namespace hearth::http
