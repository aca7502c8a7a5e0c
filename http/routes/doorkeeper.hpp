/// Who may use which route.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
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

/// Remembers for a while who was let in, for a password takes long to check,
/// and who waits for that. Thread-safe.
class doorkeeper {
public:
  using clock = std::chrono::steady_clock;

  struct waiter {
    exchange_ptr x;
    const route* to;
  };

  /// Who waits for the same check.
  enum class place { first, behind, none };

  explicit doorkeeper(const conf::access_settings& settings);

  conf::permissions anonymous() const noexcept {
    return anonymous_;
  }

  /// What stands for a header here: a MAC of it under a key of this process.
  std::string tag_of(std::string_view authorization) const;

  /// What who sends that header may do, if it was checked lately.
  std::optional<conf::permissions> known(const std::string& tag,
                                         clock::time_point now);

  /// `first` has to have it checked, and to `settle`; `none`: too many wait.
  place wait(const std::string& tag, waiter who);

  /// Who waited for a check. Those who may something are remembered.
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

/// Who asks, once it is let in; "" where nobody has to say who it is, or nobody
/// did.
std::string user_of(const route_env& e, const request& in);

/// The header Idempotency-Key as the key of that user alone; "" for none.
/// @throws bad_request
std::string own_key(const route_env& e, const request& in);

/// Runs the route if who asks may use it, at once or once that is known.
void enter(const route_env& e, const exchange_ptr& x, const route& to);

} // namespace hearth::http
