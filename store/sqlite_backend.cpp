#include <soci/sqlite3/soci-sqlite3.h>

#include "store/backend.hpp"
#include "store/sqlite_file.hpp"

namespace hearth {

namespace {

class sqlite_backend : public backend {
public:
  explicit sqlite_backend(std::string path)
    : path_(std::move(path)), file_(path_) {
    // SOCI quotes a name, but knows no way to escape a quote in it.
    if (path_.find('"') != std::string::npos)
      throw store_error("no quotes allowed in the name of a database: " + path_,
                        false);
  }

  void open(soci::session& db) override {
    db.open(soci::sqlite3, "db=\"" + path_ + "\"");
    db << "PRAGMA busy_timeout = 5000"; // a tool that looks into the file
    db << "PRAGMA foreign_keys = OFF";  // rows come and go by seq, in one place
    db << "PRAGMA synchronous = FULL";
    db << "PRAGMA cache_size = -65536"; // KiB; the default spills under load
    std::string mode;
    // Fewer, larger checkpoints: 16 MiB each; a log that a large result has
    // made longer shrinks again.
    int ignored = 0;
    db << "PRAGMA wal_autocheckpoint = 4000", soci::into(ignored);
    db << "PRAGMA journal_size_limit = 67108864", soci::into(ignored);
    db << "PRAGMA journal_mode = WAL", soci::into(mode);
  }

  const char* durability_statement(durability how) const override {
    return how == durability::lazy ? "PRAGMA synchronous = NORMAL"
                                   : "PRAGMA synchronous = FULL";
  }

  std::string translate(std::string statement) const override {
    return statement;
  }

  void clean(std::string&) const override {
    // It takes any bytes.
  }

private:
  std::string path_;
  sqlite_file file_;
};

} // namespace

std::unique_ptr<backend> make_sqlite_backend(std::string path) {
  return std::make_unique<sqlite_backend>(std::move(path));
}

} // namespace hearth
