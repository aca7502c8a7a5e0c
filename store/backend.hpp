/// What differs between the databases: how to connect, how to promise
/// durability, a few words of SQL, and what their errors mean.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <soci/soci.h>

#include "store/store.hpp"

namespace hearth {

class backend {
public:
  virtual ~backend() = default;

  /// Connects `db`, closed before, and sets the connection up.
  /// @throws store_error, soci::soci_error
  virtual void open(soci::session& db) = 0;

  /// The statement that makes the transactions after it so durable.
  virtual const char* durability_statement(durability how) const = 0;

  /// As `store::can_lose_lazy` has it.
  virtual bool can_lose_lazy() const {
    return false;
  }

  /// Begins a transaction that writes. It fails here, and not at its first
  /// write, if others hold the database.
  virtual const char* begin_statement() const = 0;

  /// Ends what a failed transaction has left behind: statements that were
  /// interrupted, and the transaction itself.
  /// @returns false if the connection is of no use any more
  virtual bool abandon(soci::session& db) = 0;

  /// Connects `db` for reading only.
  /// @throws store_error, soci::soci_error
  virtual void open_reading(soci::session& db) = 0;

  /// Whether `open_reading` reads the same database.
  virtual bool can_read_beside() const {
    return true;
  }

  /// After a connection was lost and opened anew: brings all that the database
  /// has to its disk, whatever became of earlier flushes.
  /// @throws store_error, soci::soci_error
  virtual void make_safe(soci::session&) {
    // nop
  }

  /// Inside a flushed transaction that follows lazy ones: makes it one that
  /// flushes them too, whatever else it writes.
  virtual void flush_lazy(soci::session&) {
    // nop
  }

  /// As `store::set_lock_wait` has it.
  virtual void set_lock_wait(soci::session& db, std::chrono::milliseconds x)
    = 0;

  /// Makes checkpoints. Called after transactions whose callers have time.
  virtual void tidy(soci::session&) {
    // nop
  }

  /// A statement of the schema, written for SQLite, as this database wants it.
  virtual std::string translate(std::string statement) const = 0;

  /// Makes a text one that the database takes: some refuse bytes that are no
  /// UTF-8, and a record that cannot be stored is worse than a mark in it.
  virtual void clean(std::string& text) const = 0;
};

/// @param path a file, or `:memory:`; the file is locked as sqlite_file says
std::unique_ptr<backend> make_sqlite_backend(std::string path);

/// One server at a time uses a database: it holds an advisory lock.
/// @param url as libpq takes it: `postgresql://USER@HOST:PORT/DATABASE?…`
/// @param password_file the first line is the password; "": that of the url,
///        or what libpq finds itself (PGPASSWORD, PGPASSFILE, ~/.pgpass)
/// @throws store_error if the url makes no sense or the file cannot be read
std::unique_ptr<backend>
make_postgresql_backend(const std::string& url,
                        const std::string& password_file);

/// Says what the database said, without the values of the statement.
store_error to_store_error(const soci::soci_error& x);

/// Runs `f`; an error of the database comes out as a `store_error`.
template <class F>
auto guarded(F&& f) {
  try {
    return f();
  } catch (const soci::soci_error& x) {
    throw to_store_error(x);
  }
}

} // namespace hearth
