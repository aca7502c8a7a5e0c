/// What is still to be written to the database: writes that nobody waits for,
/// and of a database that may die alone (`store::can_lose_lazy`) also those
/// that it has committed lazily and may have lost by then.
///
/// All writes reach the database in the order in which they were asked for.
/// Who commits others writes what is kept here first; what was committed since
/// the last flush is written again as a whole, so that whatever part of it the
/// database still has, it has all of it in the end.
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

class store_backlog {
public:
  /// @param can_lose_lazy whether committed writes are to be remembered
  explicit store_backlog(bool can_lose_lazy = false)
    : remember_(can_lose_lazy) {
    // nop
  }

  /// For when the database is back, or has space again. Of too many, the oldest
  /// goes.
  void keep(store_function write);

  /// Of a batch that failed: what nobody would try again, and, if it was lost,
  /// what undoes those that nobody is to find who was told that they failed.
  void keep(std::vector<store_write> writes, bool lost);

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
