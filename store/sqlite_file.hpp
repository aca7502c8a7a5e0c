/// The file behind a SQLite database: private to its owner, and one server's
/// at a time.
#pragma once

#include <string>

namespace hearth {

/// Holds a database file for this process. A lock file beside it, rather than
/// SQLite's exclusive mode: tools may still read the database of a live
/// server, but no second server opens it. The lock ends with the process,
/// however it dies, and children do not inherit it.
class sqlite_file {
public:
  /// Creates the file (mode 0600) and its folder (0700) where missing.
  /// @param path nothing is done for `:memory:`
  /// @throws store_error if that fails, the file is no SQLite database, or
  ///         another server holds it
  explicit sqlite_file(const std::string& path);

  ~sqlite_file();

  sqlite_file(const sqlite_file&) = delete;
  sqlite_file& operator=(const sqlite_file&) = delete;

private:
  int lock_ = -1;
};

} // namespace hearth
