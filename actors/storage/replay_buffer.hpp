/// Keeps the writes that have to be made, or made again, before any newer one.
/// These are the writes that nobody waits for and that could not be committed
/// yet. If the database can crash while the server lives
/// (`store::can_lose_lazy`), these are also the writes that it has committed
/// lazily and may lose by that. The store's actor owns it.
///
/// All writes reach the database in the order in which they were asked for, so
/// the kept writes are made before any other. All writes since the last flush
/// are repeated together: whichever part of them the database still has, it has
/// all of them in the end.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <vector>

#include "store/store.hpp"

namespace hearth {

/// A write. It may be repeated, which stores the same.
using store_function = std::function<void(store&)>;

/// A write that is to be committed with others.
struct store_write {
  store_function write;
  /// Undoes the write, if the connection was lost during its commit and nobody
  /// knows whether that took place; may be null.
  store_function undo{};
  /// Whether to keep it if it fails. That is so for writes that nobody waits
  /// for, because nobody would try them again.
  bool keep = false;
  std::size_t size = 0; ///< size of its large texts, in bytes
};

class replay_buffer {
public:
  /// @param can_lose_lazy whether lazily committed writes have to be remembered
  explicit replay_buffer(bool can_lose_lazy = false)
    : remember_(can_lose_lazy) {
    // nop
  }

  /// Keeps a write until the database is back or has space again. If there are
  /// too many, the oldest one is dropped.
  void keep(store_function write);

  /// Call it for a write that failed. Keeps the write if its `keep` is set.
  /// Otherwise, if the connection was lost, the write may have been stored
  /// after all, so its `undo` is kept.
  void keep(store_write x, bool lost);

  /// Call it for writes that the database has committed.
  void committed(durability how, std::vector<store_write> writes);

  /// Whether there are committed writes that may still be lost.
  bool remembers() const noexcept {
    return !lazy_.empty();
  }

  /// Whether writes are kept that could not be committed yet.
  bool keeps() const noexcept {
    return !kept_.empty();
  }

  /// Whether there are so many such writes that the next commit should be
  /// flushed. If it is not, the oldest of them are forgotten.
  bool full() const noexcept;

  /// Makes the kept writes, if there are any.
  /// @throws store_error if the database is away or full; all writes stay kept
  void write_kept(store& db);

  /// Makes the writes that a database that is back may have lost, and then the
  /// kept ones.
  /// @throws store_error if the database is away or full; all writes stay kept
  void write_all(store& db, durability how);

private:
  /// Lists of writes, the older one first.
  using parts = std::initializer_list<const std::deque<store_write>*>;

  void write(store& db, durability how, parts all);
  void write_each(store& db, durability how, parts all);

  bool remember_;
  std::deque<store_write> lazy_; ///< committed since the last flush
  std::size_t lazy_size_ = 0;    ///< size of their texts, in bytes
  std::deque<store_write> kept_; ///< not committed
  std::size_t dropped_ = 0;      ///< how many kept writes were too many
};

} // namespace hearth
