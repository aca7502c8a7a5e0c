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
#include <utility>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/services/failed_logins.hpp"
#include "actors/services/known_users.hpp"
#include "actors/services/password_checks.hpp"
#include "base/clock.hpp"
#include "base/fair_queue.hpp"

namespace hearth {

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

  void read_from(std::filesystem::path file) {
    users_ = known_users{std::move(file)};
  }

  /// Logs how many logins failed without a log line of their own.
  void end_period();

  access_actor::pointer self;
  /// Children without work. The one that has had none for longest is next: one
  /// that fails at once, since it is being restarted, must not be always first.
  fifo<password_actor> idle;
  std::vector<password_actor> children;
  std::string nobodys; ///< a hash to compare with for names that do not exist
  millis since = 0;

private:
  void read_again();
  void start_next();
  void hash(password_check x);
  void hashed(password_check& x, const std::string& hash, bool right);
  void refuse(password_check& x);

  known_users users_;
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
