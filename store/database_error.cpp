#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>

#include "store/backend.hpp"

namespace hearth {

namespace {

/// The result may be an extended one, whose low byte is the plain one.
store_trouble trouble_of_sqlite(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return store_trouble::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return store_trouble::locked;
    case SQLITE_IOERR:
      return store_trouble::lost;
    default:
      return store_trouble::refused;
  }
}

/// Whether the connection cannot be used any more. If libpq itself notices
/// that, there is no state; 08 and 57P mean that the server goes down, 58 that
/// its disk failed.
bool is_lost(const std::string& sqlstate) {
  return sqlstate.find_first_not_of(' ') == std::string::npos
         || sqlstate.starts_with("08") || sqlstate.starts_with("57P")
         || sqlstate.starts_with("58");
}

store_trouble trouble_of_postgresql(const std::string& sqlstate) {
  if (sqlstate == "53100")
    return store_trouble::full;
  if (sqlstate == "55P03") // lock_timeout
    return store_trouble::locked;
  return is_lost(sqlstate) ? store_trouble::lost : store_trouble::refused;
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

} // namespace

store_error to_store_error(const soci::soci_error& x) {
  auto what = "database: " + trimmed(x.get_error_message());
  if (auto* e = dynamic_cast<const soci::sqlite3_soci_error*>(&x))
    return store_error{what, trouble_of_sqlite(e->result())};
  if (auto* e = dynamic_cast<const soci::postgresql_soci_error*>(&x))
    return store_error{what, trouble_of_postgresql(e->sqlstate())};
  return store_error{what};
}

} // namespace hearth
