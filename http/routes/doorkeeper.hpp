/// Who may use which route.
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

/// Reads the header `Authorization: Basic …`; nothing if it is none.
std::optional<credentials> read_basic(std::string_view authorization);

/// Remembers for a while which credentials were right, since it takes long to
/// check a password, and which requests wait for such a check. Thread-safe.
class doorkeeper {
public:
  using clock = std::chrono::steady_clock;

  /// Called with the answer to a request that may not use its route, or with
  /// nothing if it may.
  using decision = std::function<void(std::optional<response>)>;

  struct waiter {
    decision then;
    const route* to;
  };

  /// Where a request stands among those that wait for the same check.
  enum class place { first, behind, none };

  explicit doorkeeper(const conf::access_settings& settings);

  conf::permissions anonymous() const noexcept {
    return anonymous_;
  }

  /// The name under which a header is remembered: its MAC under a key that only
  /// this process has.
  std::string tag_of(std::string_view authorization) const;

  /// The permissions that come with that header, if it was checked lately.
  std::optional<conf::permissions> known(const std::string& tag,
                                         clock::time_point now);

  /// Whoever is `first` has to have the password checked and to call `settle`.
  /// @returns `none` if too many wait
  place wait(const std::string& tag, waiter who);

  /// Ends a check. Credentials that come with any permission are remembered.
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
  std::mutex mutex_; ///< guards what follows
  std::unordered_map<std::string, entry> known_;
  std::unordered_map<std::string, std::vector<waiter>> waiting_;
};

/// The name of the user who sent a request that was let in; "" where nobody has
/// to log in, or this one did not.
std::string user_of(const route_env& e, const request& in);

/// The header Idempotency-Key as the key of that user alone; "" for none.
/// @throws bad_request
std::string own_key(const route_env& e, const request& in);

/// What can be said of credentials without checking a password.
struct door_answer {
  bool known; ///< no password has to be checked
  std::optional<response>
    refused; ///< the answer to a request without the right
};

/// Whether the sender of that header may use the route, as far as that is
/// known.
door_answer ask_at_once(const route_env& e, std::string_view authorization,
                        const route& to);

/// Has the password checked.
/// @param address the client's: those that guess are slowed down by it
/// @param then called on any thread, maybe at once
void ask_later(const route_env& e, std::string_view authorization,
               std::string address, const route& to, doorkeeper::decision then);

/// Runs the route if the request may use it: at once, or when its password was
/// checked.
void enter(const route_env& e, const exchange_ptr& x, const route& to);

} // namespace hearth::http
