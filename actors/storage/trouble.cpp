// What the store's actor does while its database is away or others hold it.
#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/storage/store_actor.hpp"

namespace hearth {

namespace {

/// Between attempts to reach a database that went away.
constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{5000};

/// Between attempts to write while another process holds the database, and how
/// long a write waits for that at most.
constexpr std::chrono::milliseconds lock_pause{20};
constexpr std::chrono::seconds longest_lock{5};

} // namespace

caf::error store_actor_state::away() const {
  return make_error(ec::store_failed,
                    "the database cannot be reached: " + lost);
}

caf::error store_actor_state::to_error(const store_error& e) {
  if (e.lost()) {
    reconnect_later(e);
    return away();
  }
  spdlog::error("store: {}", e.what());
  return make_error(e.full() ? ec::storage_full : ec::store_failed,
                    std::string{"the store failed: "} + e.what());
}

// The attempts do not block: reads go on, and no write waits for longer than it
// may because another one has waited before it.
void store_actor_state::wait_for_lock(const store_error& e) {
  if (!locked_since) {
    locked_since = self->clock().now();
    spdlog::warn("store: another process holds the database: {}", e.what());
  }
  refuse_overdue();
  self->delayed_send(self, lock_pause, atom::commit_v);
}

void store_actor_state::refuse_overdue() {
  auto error = make_error(ec::store_failed,
                          "another process holds the database: nothing was "
                          "stored, try again later");
  auto latest = self->clock().now() - longest_lock;
  while (!batch.empty() && batch.front().since <= latest)
    fail_front(error, false);
}

/// Tries again after a while, and has all requests refused until then.
void store_actor_state::reconnect_later(const store_error& e) {
  auto first = lost.empty();
  lost = e.what();
  pause = first ? first_pause : std::min(2 * pause, longest_pause);
  if (first)
    spdlog::error("store: lost: {}", e.what());
  self->delayed_send(self, pause, atom::reconnect_v);
}

/// The database counts as back only when it has all lost writes again.
void store_actor_state::reconnect() {
  if (lost.empty())
    return; // it was noticed twice, and another attempt has brought it back
  try {
    database->reconnect();
    replay.write_all(*database, needed(true));
    lost.clear();
    locked_since.reset();
    spdlog::info("store: back");
  } catch (const store_error& e) {
    reconnect_later(e);
  }
}

} // namespace hearth
