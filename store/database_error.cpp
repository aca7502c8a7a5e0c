#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>

#include "store/backend.hpp"

namespace hearth {

namespace {

/// Whether nothing will work over this connection any more. libpq has no state
/// for what it found out by itself; 08 and 57P are of the server's going.
bool is_lost(const std::string& sqlstate) {
  return sqlstate.find_first_not_of(' ') == std::string::npos
         || sqlstate.starts_with("08") || sqlstate.starts_with("57P");
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

} // namespace

store_error to_store_error(const soci::soci_error& x) {
  auto what = "database: " + trimmed(x.get_error_message());
  if (auto* e = dynamic_cast<const soci::sqlite3_soci_error*>(&x))
    return {what, (e->result() & 0xff) == SQLITE_FULL};
  if (auto* e = dynamic_cast<const soci::postgresql_soci_error*>(&x))
    return {what, e->sqlstate() == "53100", is_lost(e->sqlstate())};
  return {what, false};
}

} // namespace hearth
