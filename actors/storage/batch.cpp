// How the store's actor collects writes and commits them.
#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/storage/store_actor.hpp"

namespace hearth {

namespace {

/// The largest batch that is committed at once. So a transaction does not grow
/// with a mailbox that fills faster than it is emptied. A single write may be
/// larger.
constexpr std::size_t max_batch = 1024;
constexpr std::size_t max_batch_size = 4 << 20;

/// The largest number and size of writes that may wait while another process
/// holds the database, and how many more that nobody waits for.
constexpr std::size_t max_waiting = 10'000;
constexpr std::size_t max_waiting_size = 64 << 20;
constexpr std::size_t max_unawaited = 10'000;

constexpr std::chrono::seconds last_wait{1};

} // namespace

durability store_actor_state::needed(bool promised) const {
  switch (spec.flush) {
    case conf::flush_policy::always:
      return durability::flushed;
    case conf::flush_policy::never:
      return durability::lazy;
    case conf::flush_policy::promised:
      break;
  }
  return promised || replay.full() ? durability::flushed : durability::lazy;
}

caf::error store_actor_state::too_many_wait() const {
  if (batch.size() < max_waiting && batch_size < max_waiting_size)
    return {};
  return crowded();
}

caf::error store_actor_state::crowded() const {
  return make_error(ec::store_failed,
                    "another process holds the database, and too many writes "
                    "wait for it already: try again later");
}

caf::result<atom::ok> store_actor_state::add(durability how,
                                             store_write write) {
  if (!lost.empty())
    return away();
  if (auto e = too_many_wait())
    return e;
  auto promise = self->make_response_promise<atom::ok>();
  push({std::move(write), how, promise});
  return promise;
}

void store_actor_state::add_unawaited(store_function write) {
  if (!lost.empty())
    return replay.keep(std::move(write));
  // It goes behind all that waits, for it may be about one of these. What is
  // kept is older than the whole batch.
  while (batch.size() >= max_waiting + max_unawaited)
    fail_front(crowded(), false);
  push({{std::move(write), nullptr, true}});
}

caf::result<key_claim> store_actor_state::add_claim(key_claim x) {
  if (!lost.empty())
    return away();
  if (auto e = too_many_wait())
    return e;
  auto promise = self->make_response_promise<key_claim>();
  auto found = std::make_shared<key_claim>();
  push({{[x = std::move(x), found](store& db) { *found = db.claim(x); }},
        durability::flushed,
        promise,
        found});
  return promise;
}

void store_actor_state::push(batched_write x) {
  if (batch.empty() && !locked_since)
    self->send(self, atom::commit_v);
  x.since = self->clock().now();
  batch_size += x.write.size;
  batch.push_back(std::move(x));
  if (batch.size() >= max_batch || batch_size >= max_batch_size)
    commit();
}

void store_actor_state::commit() {
  if (!locked_since)
    commit_now();
}

void store_actor_state::commit_now() {
  // While the database is locked, this goes on even if no write waits, because
  // then the kept writes are made when the lock ends.
  while ((!batch.empty() || locked_since) && commit_front())
    ;
  call_readers();
}

void store_actor_state::after_commit(std::function<void()> f) {
  if (batch.empty() || locked_since)
    return f();
  readers.push_back(std::move(f));
}

void store_actor_state::call_readers() {
  for (auto& f : std::exchange(readers, {}))
    f();
}

/// How many writes are committed at once, from the front of the batch.
std::size_t store_actor_state::next_part(bool& promised) const {
  std::size_t count = 0;
  std::size_t size = 0;
  for (const auto& x : batch) {
    size += x.write.size;
    if (count == max_batch || (count > 0 && size > max_batch_size))
      break;
    promised |= x.how == durability::flushed;
    ++count;
  }
  return count;
}

/// @returns false if the database is away or held by others: the rest waits, or
/// was refused
bool store_actor_state::commit_front() {
  auto promised = false;
  auto count = next_part(promised);
  auto how = needed(promised);
  commit_report report;
  try {
    replay.write_kept(*database);
    if (count == 0) // to see whether it is free
      database->transaction(durability::lazy, [] {});
    report = commit_together(
      *database, how, count,
      [this](store& to, std::size_t i) { batch[i].write.write(to); });
  } catch (const store_error& e) { // of `write_kept`, which goes first
    if (e.lost() || e.locked())
      report.interruption = e;
    else
      report.parts.push_back({count, e});
  }
  for (const auto& part : report.parts)
    answer(part, how);
  if (!report.interruption) {
    if (locked_since)
      spdlog::info("store: no other process holds the database any more");
    locked_since.reset();
    return true;
  }
  if (report.interruption->locked()) {
    wait_for_lock(*report.interruption);
    return false;
  }
  for (const auto& part : report.parts)
    count -= part.count;
  auto error = to_error(*report.interruption);
  auto unknown = make_error(ec::outcome_unknown, problem_of(error));
  for (; !batch.empty(); count -= std::min<std::size_t>(count, 1))
    fail_front(count > 0 ? unknown : error, true);
  return false;
}

/// Answers the next writes of the batch, whose fate is known.
void store_actor_state::answer(const commit_part& part, durability how) {
  if (part.failure) {
    auto error = to_error(*part.failure);
    for (std::size_t i = 0; i < part.count; ++i)
      fail_front(error, false);
    return;
  }
  std::vector<store_write> stored;
  for (std::size_t i = 0; i < part.count; ++i) {
    auto x = std::move(batch.front());
    batch.pop_front();
    batch_size -= x.write.size;
    stored.push_back(std::move(x.write));
    if (x.claimed)
      x.promise.deliver(std::move(*x.claimed));
    else if (x.promise.pending())
      x.promise.deliver(atom::ok_v);
  }
  replay.committed(how, std::move(stored));
}

/// Answers the first write of the batch with an error.
/// @param undo whether the write may have been stored after all
void store_actor_state::fail_front(const caf::error& e, bool undo) {
  auto x = std::move(batch.front());
  batch.pop_front();
  batch_size -= x.write.size;
  replay.keep(std::move(x.write), undo);
  if (x.promise.pending())
    x.promise.deliver(e);
}

void store_actor_state::commit_last() {
  if (batch.empty() && !replay.keeps() && !replay.remembers())
    return;
  try {
    if (!lost.empty())
      reconnect(); // which writes what is kept
    database->set_lock_wait(last_wait);
    if (lost.empty() && batch.empty())
      replay.write_kept(*database);
    commit_now();
  } catch (const store_error& e) {
    spdlog::error("store: {}", e.what());
  }
  if (!batch.empty() || replay.keeps())
    spdlog::error("store: the database cannot be written at the end: what is "
                  "not stored by now is lost");
}

} // namespace hearth
