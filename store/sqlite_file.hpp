/// Locks the file of a SQLite database, so that only one server at a time uses
/// it, and makes it private to its owner.
#pragma once

#include <string>

namespace hearth {

/// Holds a database file for this process, by a lock file beside it. Unlike
/// SQLite's exclusive mode, this lets tools read the database of a live server
/// while no second server can open it. The lock ends with the process, however
/// it dies, and children do not inherit it.
class sqlite_file {
public:
  /// Makes the file (mode 0600) and its folder (mode 0700) if they are missing.
  /// @param path of the file; for `:memory:` nothing is done
  /// @throws store_error if that fails, if the file is not a SQLite database,
  ///         or if another server holds it
  explicit sqlite_file(const std::string& path);

  ~sqlite_file();

  sqlite_file(const sqlite_file&) = delete;
  sqlite_file& operator=(const sqlite_file&) = delete;

private:
  int lock_ = -1;
};

} // namespace hearth
