/// The actor that checks names and passwords of clients and answers with their
/// permissions. It is detached because it reads the file of users. Its children
/// hash the passwords and are detached, too.
///
///   get ──> known to be right? ──yes──> answered at once
///             │ no
///             ▼
///           queue (fair by address and name) ──> a child ──> answered
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/services/failed_logins.hpp"
#include "actors/services/password_checks.hpp"
#include "base/clock.hpp"
#include "store/files/users_file.hpp"

namespace hearth {

/// Changes when a file changes: the time at which it was written, its size and
/// its inode.
using file_stamp = std::tuple<std::int64_t, std::int64_t, std::uint64_t>;

/// A request whose password has to be hashed.
struct password_check {
  std::string name;
  std::string password;
  std::string address;
  std::chrono::steady_clock::time_point asked;
  caf::typed_response_promise<std::uint32_t> promise;
};

struct access_state {
  static inline const char* name = "access";

  explicit access_state(access_actor::pointer self) : self(self) {
    // nop
  }

  caf::result<std::uint32_t> check(const std::string& name,
                                   const std::string& password,
                                   const std::string& address);

  /// Logs how many logins failed without a log line of their own.
  void end_period();

  access_actor::pointer self;
  std::filesystem::path file;
  std::vector<password_actor> idle; ///< children without work
  std::vector<password_actor> children;
  std::string nobodys; ///< a hash to compare with for names that do not exist
  millis since = 0;

private:
  void read_again();
  const user* find(const std::string& name) const;
  void start_next();
  void hash(password_check x);
  void hashed(password_check& x, const std::string& hash, bool right);
  void refuse(password_check& x);

  user_map users_;
  file_stamp read_at_{};
  password_queue<password_check> waiting_;
  verified_passwords verified_;
  failed_logins failed_;
};

struct authenticator_settings {
  std::filesystem::path file; ///< read again when it has changed
  std::size_t hashers = 1;    ///< how many passwords are hashed at once
};

/// Returns how many passwords may be hashed at once without slowing the server.
std::size_t default_hashers();

access_actor::behavior_type
access(access_actor::stateful_pointer<access_state> self,
       authenticator_settings settings);

} // namespace hearth
