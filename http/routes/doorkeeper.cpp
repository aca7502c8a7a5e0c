#include "http/routes/doorkeeper.hpp"

#include <algorithm>
#include <stdexcept>

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "actors/api/messages.hpp"
#include "http/core/reply.hpp"
#include "http/routes/route_env.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

/// When more credentials than this are remembered, all are forgotten. So many
/// clients then need only one check each.
constexpr std::size_t most_known = 10'000;

/// How many requests may wait for checks. The actor that knows the users
/// refuses earlier, by address.
constexpr std::size_t most_waiting = 4096;

response unauthorized(std::string_view text) {
  auto result = http_failure(401, text);
  result.headers.emplace_back("WWW-Authenticate",
                              R"(Basic realm="hearth", charset="UTF-8")");
  return result;
}

response not_supplied() {
  return unauthorized("The resource requires authentication, which was not "
                      "supplied with the request");
}

response not_valid() {
  return unauthorized("The supplied authentication is invalid");
}

response forbidden() {
  return http_failure(403, "The supplied authentication is not authorized to "
                           "access this resource");
}

void run(const route_env& e, const exchange_ptr& call,
         const route& to) noexcept {
  try {
    to.run(e, call);
  } catch (...) {
    call->answer(failure_of_exception());
  }
}

/// The answer to a user with those permissions, if it may not use the route.
std::optional<response> refusal(conf::permissions granted, const route& to) {
  if (granted == conf::may::nothing)
    return not_valid();
  if (!conf::allows(granted, to.needs))
    return forbidden();
  return std::nullopt;
}

/// Asks the actor that knows the users, for all requests that wait with that
/// tag.
void check(const route_env& e, std::string tag, credentials who,
           std::string address) {
  auto ask = [e, tag = std::move(tag), who = std::move(who),
              address = std::move(address)](caf::event_based_actor* self) {
    auto leave = [self] { self->home_system().clock().cancel_timeouts(self); };
    auto settle = [e, tag](conf::permissions granted) {
      return e.door->settle(tag, granted, doorkeeper::clock::now());
    };
    self
      ->request(e.actors.access, e.wait.lookup, atom::get_v, who.name,
                who.password, address)
      .then(
        [=](conf::permissions granted) {
          leave();
          for (const auto& w : settle(granted))
            w.then(refusal(granted, *w.to));
        },
        [=](const caf::error& error) {
          leave();
          for (const auto& w : settle(conf::may::nothing))
            w.then(failure(error, about::job));
        });
  };
  e.system.spawn(std::move(ask));
}

} // namespace

std::optional<credentials> read_basic(std::string_view authorization) {
  constexpr std::string_view scheme = "basic ";
  if (authorization.size() < scheme.size()
      || !std::equal(scheme.begin(), scheme.end(), authorization.begin(),
                     [](char a, char b) { return a == (b | 0x20); }))
    return std::nullopt;
  authorization.remove_prefix(scheme.size());
  auto padding = authorization.size()
                 - std::min(authorization.find('='), authorization.size());
  if (authorization.size() % 4 != 0 || padding > 2)
    return std::nullopt;
  std::string text(authorization.size() / 4 * 3, '\0');
  auto n = EVP_DecodeBlock(
    reinterpret_cast<unsigned char*>(text.data()),
    reinterpret_cast<const unsigned char*>(authorization.data()),
    static_cast<int>(authorization.size()));
  if (n < 0)
    return std::nullopt;
  text.resize(static_cast<std::size_t>(n) - padding);
  auto colon = text.find(':');
  if (colon == std::string::npos)
    return std::nullopt;
  return credentials{text.substr(0, colon), text.substr(colon + 1)};
}

doorkeeper::doorkeeper(const conf::access_settings& settings)
  : anonymous_(conf::parse_permissions(settings.anonymous).value_or(0)),
    cache_time_(settings.cache_time) {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
    throw std::runtime_error("there are no random numbers to be had");
}

std::string doorkeeper::tag_of(std::string_view authorization) const {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned n = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(authorization.data()),
       authorization.size(), reinterpret_cast<unsigned char*>(result.data()),
       &n);
  result.resize(n);
  return result;
}

std::optional<conf::permissions> doorkeeper::known(const std::string& tag,
                                                   clock::time_point now) {
  std::lock_guard guard{mutex_};
  auto i = known_.find(tag);
  if (i == known_.end())
    return std::nullopt;
  if (i->second.until > now)
    return i->second.granted;
  known_.erase(i);
  return std::nullopt;
}

doorkeeper::place doorkeeper::wait(const std::string& tag, waiter who) {
  std::lock_guard guard{mutex_};
  auto i = waiting_.find(tag);
  if (i == waiting_.end() && waiting_.size() >= most_waiting)
    return place::none;
  auto& queue = waiting_[tag];
  queue.push_back(std::move(who));
  return queue.size() == 1 ? place::first : place::behind;
}

std::vector<doorkeeper::waiter> doorkeeper::settle(const std::string& tag,
                                                   conf::permissions granted,
                                                   clock::time_point now) {
  std::lock_guard guard{mutex_};
  if (granted != conf::may::nothing) {
    if (known_.size() >= most_known)
      known_.clear();
    known_.insert_or_assign(tag, entry{granted, now + cache_time_});
  }
  auto node = waiting_.extract(tag);
  return node ? std::move(node.mapped()) : std::vector<waiter>{};
}

std::string user_of(const route_env& e, const request& in) {
  auto who = e.door ? read_basic(in.authorization) : std::nullopt;
  return who ? who->name : std::string{};
}

std::string own_key(const route_env& e, const request& in) {
  auto key = checked_key(in.idempotency_key);
  auto user = key.empty() ? std::string{} : user_of(e, in);
  return user.empty() ? key : key_of_user(user, key);
}

door_answer ask_at_once(const route_env& e, std::string_view authorization,
                        const route& to) {
  if (!e.door || to.needs == conf::may::nothing)
    return {true, std::nullopt};
  auto& door = *e.door;
  if (authorization.empty()) {
    if (conf::allows(door.anonymous(), to.needs))
      return {true, std::nullopt};
    return {true, not_supplied()};
  }
  auto tag = door.tag_of(authorization);
  if (auto granted = door.known(tag, doorkeeper::clock::now()))
    return {true, refusal(*granted, to)};
  if (!read_basic(authorization))
    return {true, not_valid()};
  return {false, std::nullopt};
}

void ask_later(const route_env& e, std::string_view authorization,
               std::string address, const route& to,
               doorkeeper::decision then) {
  auto who = read_basic(authorization);
  if (!who)
    return then(not_valid());
  auto tag = e.door->tag_of(authorization);
  switch (e.door->wait(tag, {then, &to})) {
    case doorkeeper::place::first:
      return check(e, std::move(tag), std::move(*who), std::move(address));
    case doorkeeper::place::none:
      return then(failure(
        ec::overloaded, {"too many passwords are being checked", {}, {}, {}}));
    case doorkeeper::place::behind:
      break;
  }
}

void enter(const route_env& e, const exchange_ptr& call, const route& to) {
  auto at_once = ask_at_once(e, call->in.authorization, to);
  if (at_once.refused)
    return call->answer(std::move(*at_once.refused));
  if (at_once.known)
    return to.run(e, call);
  ask_later(e, call->in.authorization, call->client_address(), to,
            [e, call, to = &to](std::optional<response> refused) {
              if (refused)
                call->answer(std::move(*refused));
              else
                run(e, call, *to);
            });
}

} // namespace hearth::http
