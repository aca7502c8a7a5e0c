/// What differs between the databases: how to connect, how to promise
/// durability, a few words of SQL, and what their errors mean.
#pragma once

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

  /// Inside a flushed transaction that follows lazy ones: makes it one that
  /// flushes them too, whatever else it writes.
  virtual void flush_lazy(soci::session&) {
    // nop
  }

  /// Whether lazy writes wait for nobody but other processes that use the
  /// database.
  virtual bool is_local() const {
    return false;
  }

  /// Whether a write waits for these, or fails at once.
  virtual void set_patience(soci::session&, bool) {
    // nop
  }

  /// Does what transactions have left behind; called after those that may take
  /// their time.
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
