#include "actors/services/authenticator.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

void read_again(access_state& x, const std::filesystem::path& file) {
  std::error_code missing;
  auto time = std::filesystem::last_write_time(file, missing);
  if (!missing && time == x.read_at)
    return;
  x.users = read_users(file);
  x.read_at = time;
}

/// As long for a name that there is not as for a wrong password.
conf::permissions check(access_state& x, const std::string& name,
                        const std::string& password) {
  auto found = x.users.find(name);
  auto known = found != x.users.end();
  if (!known && x.no_ones.empty())
    x.no_ones = hash_password("of no one");
  auto right = is_password(password, known ? found->second.hash : x.no_ones);
  return known && right
           ? conf::parse_permissions(found->second.permissions).value_or(0)
               | conf::may::enter
           : conf::may::nothing;
}

} // namespace

access_actor::behavior_type
access(access_actor::stateful_pointer<access_state> self,
       std::filesystem::path file) {
  auto since = now_ms();
  return {
    [=](atom::get, const std::string& name,
        const std::string& password) -> caf::result<conf::permissions> {
      try {
        read_again(self->state, file);
        return check(self->state, name, password);
      } catch (const std::exception& e) {
        spdlog::error("no user can be let in: {}", e.what());
        return make_error(ec::internal, "the users cannot be read");
      }
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{own_status(self, "access", "", "open", 0, since)};
    },
  };
}

} // namespace hearth
