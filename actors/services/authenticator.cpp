#include "actors/services/authenticator.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "actors/supervision/keeper.hpp"

namespace hearth {

namespace {

using clock = std::chrono::steady_clock;

/// After this time the requests that wait have been given up.
constexpr std::chrono::seconds longest_wait{10};

constexpr std::chrono::seconds hash_deadline{60};

struct password_state {
  static inline const char* name = "passwords";
};

/// Hashes one password after another; detached.
password_actor::behavior_type
hasher(password_actor::stateful_pointer<password_state> self,
       std::uint64_t parent) {
  auto since = now_ms();
  return {
    [](atom::get, const std::string& password, const std::string& hash) {
      return is_password(password, hash);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{
        own_status(self, "passwords", "", "open", parent, since)};
    },
  };
}

conf::permissions permissions_of(const user& x) {
  return conf::parse_permissions(x.permissions).value_or(0) | conf::may::enter;
}

} // namespace

std::size_t default_hashers() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 4);
}

void access_state::read_again() {
  if (users_.refresh(clock::now()))
    verified_.keep_if_same([this](const std::string& name) {
      const auto* known = users_.find(name);
      return known ? known->hash : std::string{};
    });
  auto news = users_.take_news();
  if (!news.empty())
    spdlog::log(users_.failure().empty() ? spdlog::level::info
                                         : spdlog::level::err,
                "{}", news);
}

caf::result<std::uint32_t> access_state::check(const std::string& name,
                                               const std::string& password,
                                               const std::string& address) {
  read_again();
  if (!users_.failure().empty())
    return make_error(ec::internal, "the users cannot be read");
  const auto* known = users_.find(name);
  if (known && verified_.contains(name, password, known->hash))
    return permissions_of(*known);
  auto promise = self->make_response_promise<std::uint32_t>();
  if (!waiting_.push(address, name,
                     {name, password, address, clock::now(), promise}))
    promise.deliver(
      make_error(ec::overloaded, "too many passwords are being checked"));
  start_next();
  return promise;
}

void access_state::start_next() {
  while (idle.size() > 0) {
    auto next = waiting_.take();
    if (!next)
      return;
    if (clock::now() - next->asked > longest_wait)
      next->promise.deliver(
        make_error(ec::deadline, "too many passwords are being checked"));
    else
      hash(std::move(*next));
  }
}

/// Takes as long for a name that there is not as for a wrong password.
void access_state::hash(password_check x) {
  const auto* known = users_.find(x.name);
  auto hash = known ? known->hash : nobodys;
  auto child = idle.take();
  self->request(child, hash_deadline, atom::get_v, x.password, hash)
    .then(
      [=, this](bool right) mutable {
        idle.push(child);
        hashed(x, hash, right);
        start_next();
      },
      [=, this](caf::error& e) mutable {
        idle.push(child);
        x.promise.deliver(std::move(e));
        start_next();
      });
}

void access_state::hashed(password_check& x, const std::string& hash,
                          bool right) {
  const auto* known = users_.find(x.name);
  if (!known || !right)
    return refuse(x);
  if (known->hash != hash) { // it was changed meanwhile
    if (!waiting_.push(x.address, x.name, x))
      refuse(x);
    return;
  }
  verified_.add(x.name, x.password, hash);
  x.promise.deliver(permissions_of(*known));
}

void access_state::refuse(password_check& x) {
  if (!failed_.any())
    self->delayed_send(self, failed_logins::period, atom::tick_v);
  auto line = failed_.add(x.name, x.address);
  if (!line.empty())
    spdlog::warn("{}", line);
  x.promise.deliver(conf::may::nothing);
}

void access_state::end_period() {
  auto line = failed_.end_period();
  if (!line.empty())
    spdlog::warn("{}", line);
}

access_actor::behavior_type
access(access_actor::stateful_pointer<access_state> self,
       authenticator_settings settings) {
  auto& st = self->state;
  st.read_from(std::move(settings.file));
  st.nobodys = hash_password("of no one");
  st.since = now_ms();
  for (std::size_t i = 0; i < settings.hashers; ++i) {
    st.children.push_back(keep<password_actor>(
      *self, "hasher", lives_of<caf::detached>(hasher, self->id())));
    st.idle.push(st.children.back());
  }
  return {
    [=](atom::get, const std::string& name, const std::string& password) {
      return self->state.check(name, password, "");
    },
    [=](atom::get, const std::string& name, const std::string& password,
        const std::string& address) {
      return self->state.check(name, password, address);
    },
    [=](atom::tick) { self->state.end_period(); },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      std::vector<status_child> all;
      for (auto& child : st.children)
        all.emplace_back(child, "hasher");
      return gather_status(
        self, own_status(self, "access", "", "open", 0, st.since), all);
    },
  };
}

} // namespace hearth
