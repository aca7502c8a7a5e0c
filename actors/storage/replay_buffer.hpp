/// Writes to make, or to make again, before any newer one: those that nobody
/// waits for and that could not be committed yet, and, for a database that may
/// die while the server lives (`store::can_lose_lazy`), those that it has
/// committed lazily and may have lost by then.
///
/// All writes reach the database in the order in which they were asked for.
/// Whoever commits others writes what is kept here first. All that was
/// committed since the last flush is written again as a whole: whichever part
/// of it the database still has, it has all of it in the end.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <vector>

#include "store/store.hpp"

namespace hearth {

/// May be called again: what is stored after that is the same.
using store_function = std::function<void(store&)>;

/// A write that is to be committed with others.
struct store_write {
  store_function write;
  /// What undoes it, if a commit of it was lost and nobody knows whether it
  /// took place; may be null.
  store_function undo{};
  /// Nobody waits for it, so nobody would try it again.
  bool keep = false;
  std::size_t size = 0; ///< of its large texts, bytes
};

class replay_buffer {
public:
  /// @param can_lose_lazy whether committed writes are to be remembered
  explicit replay_buffer(bool can_lose_lazy = false)
    : remember_(can_lose_lazy) {
    // nop
  }

  /// Keeps a write until the database is back, or has space again. When there
  /// are too many, the oldest one is dropped.
  void keep(store_function write);

  /// For a write that failed: keeps it if nobody would try it again. If the
  /// database was lost, which may mean that it was stored after all, keeps what
  /// undoes it.
  void keep(store_write x, bool lost);

  /// The database has committed these.
  void committed(durability how, std::vector<store_write> writes);

  /// Whether something was committed and may still be lost.
  bool remembers() const noexcept {
    return !lazy_.empty();
  }

  /// Whether so much was that the next commit should be flushed. If it is not,
  /// the oldest is forgotten.
  bool full() const noexcept;

  /// Writes what is kept. Does nothing if nothing is.
  /// @throws store_error if the database is away or full; all of it stays
  void write_kept(store& db);

  /// Writes what a database may have lost that is back, then what is kept.
  /// @throws store_error as above
  void write_all(store& db, durability how);

private:
  /// Lists of writes, the older one first.
  using parts = std::initializer_list<const std::deque<store_write>*>;

  void write(store& db, durability how, parts all);
  void write_each(store& db, durability how, parts all);

  bool remember_;
  std::deque<store_write> lazy_; ///< committed since the last flush
  std::size_t lazy_size_ = 0;    ///< of their texts, bytes
  std::deque<store_write> kept_; ///< not committed
  std::size_t dropped_ = 0;      ///< of those, there being too many
};

} // namespace hearth
