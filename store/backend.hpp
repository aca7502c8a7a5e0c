/// The interface for what differs between SQLite and PostgreSQL: how to
/// connect, how to make a transaction durable, a few words of SQL, and what the
/// errors mean. Each `soci_store` owns one backend.
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

  /// Connects `db`, which has to be closed, and sets the connection up.
  /// @throws store_error, soci::soci_error
  virtual void open(soci::session& db) = 0;

  /// Returns the statement that makes all later transactions this durable.
  virtual const char* durability_statement(durability level) const = 0;

  /// See `store::can_lose_lazy`.
  virtual bool can_lose_lazy() const {
    return false;
  }

  /// Returns the statement that begins a transaction that writes. If others
  /// hold the database, this statement fails, and not the first write.
  virtual const char* begin_statement() const = 0;

  /// Cleans up after a failed transaction: resets the statements that it
  /// interrupted, and rolls it back.
  /// @returns false if the connection is of no use any more
  virtual bool abandon(soci::session& db) = 0;

  /// Connects `db` for reading only.
  /// @throws store_error, soci::soci_error
  virtual void open_reading(soci::session& db) = 0;

  /// Whether `open_reading` can open the same database a second time. A
  /// database in memory cannot be.
  virtual bool can_read_beside() const {
    return true;
  }

  /// Called when a lost connection was opened anew. Brings everything in the
  /// database to its disk, whether or not earlier flushes succeeded.
  /// @throws store_error, soci::soci_error
  virtual void make_safe(soci::session&) {
    // nop
  }

  /// Called inside a flushed transaction that follows lazy ones. Makes sure
  /// that its commit flushes those, too, even if it writes nothing else.
  virtual void flush_lazy(soci::session&) {
    // nop
  }

  /// See `store::set_lock_wait`.
  virtual void set_lock_wait(soci::session& db, std::chrono::milliseconds wait)
    = 0;

  /// Does the database's housekeeping, e.g. a checkpoint. Called after
  /// transactions whose callers have time.
  virtual void tidy(soci::session&) {
    // nop
  }

  /// Translates a statement of the schema, which is written for SQLite.
  virtual std::string translate(std::string statement) const = 0;

  /// Replaces what the database does not accept in a text. Some databases
  /// refuse bytes that are not UTF-8, and a record with a `?` in it is better
  /// than a record that cannot be stored.
  virtual void clean(std::string& text) const = 0;
};

/// Makes the backend of SQLite.
/// @param path a file, which is locked (see sqlite_file.hpp), or `:memory:`
std::unique_ptr<backend> make_sqlite_backend(std::string path);

/// Makes the backend of PostgreSQL. It holds an advisory lock, so that only one
/// server at a time uses a database.
/// @param url as libpq takes it: `postgresql://USER@HOST:PORT/DATABASE?…`
/// @param password_file the first line is the password; "": that of the url,
///        or what libpq finds itself (PGPASSWORD, PGPASSFILE, ~/.pgpass)
/// @throws store_error if the url makes no sense or the file cannot be read
std::unique_ptr<backend>
make_postgresql_backend(const std::string& url,
                        const std::string& password_file);

/// Makes a `store_error` with the database's message, without the values of the
/// statement.
store_error to_store_error(const soci::soci_error& x);

/// Runs `f` and turns an error of the database into a `store_error`.
template <class F>
auto guarded(F&& f) {
  try {
    return f();
  } catch (const soci::soci_error& x) {
    throw to_store_error(x);
  }
}

} // namespace hearth
