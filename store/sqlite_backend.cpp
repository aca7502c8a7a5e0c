#include <soci/sqlite3/soci-sqlite3.h>

#include "store/backend.hpp"
#include "store/sqlite_file.hpp"

namespace hearth {

namespace {

/// Pages of the log: fewer, larger checkpoints, 16 MiB each.
constexpr int checkpoint_after = 4000;

sqlite_api::sqlite3* handle_of(soci::session& db) {
  return static_cast<soci::sqlite3_session_backend*>(db.get_backend())->conn_;
}

class sqlite_backend : public backend {
public:
  explicit sqlite_backend(std::string path)
    : path_(std::move(path)), file_(path_) {
    // SOCI quotes a name, but knows no way to escape a quote in it.
    if (path_.find('"') != std::string::npos)
      throw store_error("no quotes allowed in the name of a database: "
                        + path_);
  }

  void open(soci::session& db) override {
    db.open(soci::sqlite3, "db=\"" + path_ + "\"");
    db << "PRAGMA foreign_keys = OFF"; // rows come and go by seq, in one place
    db << "PRAGMA synchronous = FULL";
    db << "PRAGMA cache_size = -65536"; // KiB; the default spills under load
    std::string mode;
    // A log that a large result has made longer shrinks again.
    int ignored = 0;
    db << "PRAGMA journal_size_limit = 67108864", soci::into(ignored);
    db << "PRAGMA journal_mode = WAL", soci::into(mode);
    // In place of SQLite's own, which makes a checkpoint within any commit: an
    // error of it must not fail a transaction that took place.
    log_pages_ = tidied_pages_ = 0;
    sqlite_api::sqlite3_wal_hook(handle_of(db), &count_pages, this);
  }

  void set_lock_wait(soci::session& db, std::chrono::milliseconds x) override {
    sqlite_api::sqlite3_busy_timeout(handle_of(db),
                                     static_cast<int>(x.count()));
  }

  const char* begin_statement() const override {
    return "BEGIN IMMEDIATE";
  }

  // A statement that was interrupted, by a lock for instance, counts as one in
  // progress until it is reset, and no transaction can be committed meanwhile.
  bool abandon(soci::session& db) override {
    auto* handle = handle_of(db);
    for (auto* x = sqlite_api::sqlite3_next_stmt(handle, nullptr); x;
         x = sqlite_api::sqlite3_next_stmt(handle, x))
      sqlite_api::sqlite3_reset(x);
    // After some errors, a full disk among them, it has rolled back by itself.
    if (sqlite_api::sqlite3_get_autocommit(handle) == 0)
      sqlite_api::sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
    return sqlite_api::sqlite3_get_autocommit(handle) != 0;
  }

  bool can_read_beside() const override {
    return path_ != ":memory:";
  }

  void open_reading(soci::session& db) override {
    db.open(soci::sqlite3, "db=\"" + path_ + "\"");
    sqlite_api::sqlite3_busy_timeout(handle_of(db), 1000);
    db << "PRAGMA query_only = ON";
  }

  // After a failed flush, the log may have holes on the disk that nobody
  // notices before the machine crashes. So its content is written to the
  // database's own file, and the log begins again.
  void make_safe(soci::session& db) override {
    int busy = 0;
    int pages = 0;
    int written = 0;
    db << "PRAGMA wal_checkpoint(TRUNCATE)", soci::into(busy),
      soci::into(pages), soci::into(written);
    if (busy != 0)
      throw store_error("the log cannot be written to the database while "
                        "others read it",
                        store_trouble::locked);
  }

  void tidy(soci::session& db) override {
    if (log_pages_ < tidied_pages_) // the log has begun anew
      tidied_pages_ = 0;
    // While there always is a reader, the log grows. A checkpoint after each
    // commit would then flush the disk each time without any effect.
    if (log_pages_ < tidied_pages_ + checkpoint_after)
      return;
    tidied_pages_ = log_pages_;
    int busy = 0;
    int pages = 0;
    int written = 0;
    // Pages that it cannot write now, because a reader needs the old ones, are
    // written by the next checkpoint.
    db << "PRAGMA wal_checkpoint(PASSIVE)", soci::into(busy), soci::into(pages),
      soci::into(written);
  }

  const char* durability_statement(durability level) const override {
    return level == durability::lazy ? "PRAGMA synchronous = NORMAL"
                                     : "PRAGMA synchronous = FULL";
  }

  std::string translate(std::string statement) const override {
    return statement;
  }

  void clean(std::string&) const override {
    // It takes any bytes.
  }

private:
  static int count_pages(void* self, sqlite_api::sqlite3*, const char*,
                         int pages) {
    static_cast<sqlite_backend*>(self)->log_pages_ = pages;
    return 0;
  }

  std::string path_;
  sqlite_file file_;
  int log_pages_ = 0;    ///< after the last transaction
  int tidied_pages_ = 0; ///< those of them at the last checkpoint
};

} // namespace

std::unique_ptr<backend> make_sqlite_backend(std::string path) {
  return std::make_unique<sqlite_backend>(std::move(path));
}

} // namespace hearth
