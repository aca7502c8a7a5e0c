#include "store/soci_store.hpp"

#include <sstream>

#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>

#include "store/schema.hpp"

namespace hearth {

using soci::into;
using soci::use;

// What every job passes through: prepared once, bound to these members. A
// batch of 16 jobs then costs a few microseconds each.
struct soci_store::hot_statements {
  explicit hot_statements(soci::session& db);

  // Small texts keep their memory for the next job.
  void release_large() {
    for (auto* text : {&row.config, &row.result})
      if (text->capacity() > 64 << 10)
        *text = std::string{};
  }

  job_record row;
  int state = 0;
  soci::statement insert_job;
  soci::statement insert_config;
  soci::statement update_job;
  soci::statement insert_result;
  soci::statement read_job;
};

soci_store::hot_statements::hot_statements(soci::session& db)
  : insert_job(
    (db.prepare << "INSERT INTO jobs (id, context_id, context_name, main_class,"
                   " binaries, state, start_time, end_time, reason_message,"
                   " reason_class, reason_stack, reason_subject) VALUES (:id,"
                   " :cid, :cname, :class, :binaries, :state, :start, :end,"
                   " :message, :error, :stack, :subject)"
                   " ON CONFLICT (id) DO NOTHING",
     use(row.id), use(row.context_id), use(row.context_name),
     use(row.main_class), use(row.binaries), use(state), use(row.start_time),
     use(row.end_time), use(row.reason.message), use(row.reason.error_class),
     use(row.reason.stack), use(row.reason.subject))),
    insert_config((db.prepare
                     << "INSERT INTO job_configs (seq, config)"
                        " SELECT seq, :config FROM jobs WHERE id = :id",
                   use(row.config), use(row.id))),
    update_job((db.prepare << "UPDATE jobs SET state = :state, end_time = :end,"
                              " reason_message = :message,"
                              " reason_class = :error, reason_stack = :stack,"
                              " reason_subject = :subject"
                              " WHERE id = :id AND state < 4",
                use(state), use(row.end_time), use(row.reason.message),
                use(row.reason.error_class), use(row.reason.stack),
                use(row.reason.subject), use(row.id))),
    insert_result((db.prepare
                     << "INSERT INTO job_results (seq, result, file_size)"
                        " SELECT seq, :result, :size FROM jobs WHERE id = :id",
                   use(row.result), use(row.result_size), use(row.id))),
    read_job(
      (db.prepare << "SELECT j.id, j.context_id, j.context_name, j.main_class,"
                     " j.binaries, j.state, j.start_time, j.end_time,"
                     " j.reason_message, j.reason_class, j.reason_stack,"
                     " j.reason_subject, COALESCE(r.result, ''),"
                     " COALESCE(r.file_size, 0) FROM jobs j"
                     " LEFT JOIN job_results r ON r.seq = j.seq"
                     " WHERE j.id = :id",
       into(row.id), into(row.context_id), into(row.context_name),
       into(row.main_class), into(row.binaries), into(state),
       into(row.start_time), into(row.end_time), into(row.reason.message),
       into(row.reason.error_class), into(row.reason.stack),
       into(row.reason.subject), into(row.result), into(row.result_size),
       use(row.id))) {}

store_error to_store_error(const soci::soci_error& x) {
  auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&x);
  return {std::string{"database: "} + x.what(),
          sqlite && (sqlite->result() & 0xff) == SQLITE_FULL};
}

soci_store::soci_store(const std::string& path) : file_(path) {
  guarded([&] { open(path); });
}

soci_store::~soci_store() = default;

void soci_store::open(const std::string& path) {
  // SOCI quotes a name, but knows no way to escape a quote in it.
  if (path.find('"') != std::string::npos)
    throw store_error("no quotes allowed in the name of a database: " + path,
                      false);
  db_.open(soci::sqlite3, "db=\"" + path + "\"");
  db_ << "PRAGMA busy_timeout = 5000"; // a tool that looks into the file
  db_ << "PRAGMA foreign_keys = OFF";  // rows come and go by seq, in one place
  db_ << "PRAGMA synchronous = FULL";
  db_ << "PRAGMA cache_size = -65536"; // KiB; the default spills under load
  std::string mode;
  // Fewer, larger checkpoints: 16 MiB each; a log that a large result has made
  // longer shrinks again.
  int ignored = 0;
  db_ << "PRAGMA wal_autocheckpoint = 4000", into(ignored);
  db_ << "PRAGMA journal_size_limit = 67108864", into(ignored);
  db_ << "PRAGMA journal_mode = WAL", into(mode);
  migrate(db_);
  hot_ = std::make_unique<hot_statements>(db_);
}

// A transaction's flush also flushes the lazy ones before it: they are in the
// same log. The pragma works only between transactions.
void soci_store::set_durability(durability how) {
  if (how == durability_)
    return;
  db_ << (how == durability::lazy ? "PRAGMA synchronous = NORMAL"
                                  : "PRAGMA synchronous = FULL");
  durability_ = how;
}

void soci_store::transaction(durability how,
                             const std::function<void()>& writes) {
  if (writing_)
    throw std::logic_error("a transaction inside a transaction");
  guarded([&] {
    set_durability(how);
    db_.begin();
    writing_ = true;
    try {
      writes();
      db_.commit();
      writing_ = false;
    } catch (...) {
      writing_ = false;
      // SQLite has rolled back by itself after some errors, a full disk among
      // them, and then refuses this.
      try {
        db_.rollback();
      } catch (const soci::soci_error&) {
      }
      throw;
    }
  });
}

void soci_store::check_writing() const {
  if (!writing_)
    throw std::logic_error("a write outside a transaction");
}

void soci_store::put(const context_record& x) {
  check_writing();
  auto state = static_cast<int>(x.state);
  auto ad_hoc = x.ad_hoc ? 1 : 0;
  guarded([&] {
    db_ << "INSERT INTO contexts (id, name, state, settings, start_time,"
           " end_time, application_id, web_url, pid, pid_start, ad_hoc,"
           " reason_message, reason_class, reason_stack, reason_subject)"
           " VALUES (:id, :name, :state, :settings, :start, :end, :app, :url,"
           " :pid, :pidstart, :adhoc, :message, :error, :stack, :subject)"
           " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
           " state = excluded.state, settings = excluded.settings,"
           " start_time = excluded.start_time, end_time = excluded.end_time,"
           " application_id = excluded.application_id,"
           " web_url = excluded.web_url, pid = excluded.pid,"
           " pid_start = excluded.pid_start, ad_hoc = excluded.ad_hoc,"
           " reason_message = excluded.reason_message,"
           " reason_class = excluded.reason_class,"
           " reason_stack = excluded.reason_stack,"
           " reason_subject = excluded.reason_subject",
      use(x.id), use(x.name), use(state), use(x.settings), use(x.start_time),
      use(x.end_time), use(x.application_id), use(x.web_url),
      use(x.process.pid), use(x.process.start_time), use(ad_hoc),
      use(x.reason.message), use(x.reason.error_class), use(x.reason.stack),
      use(x.reason.subject);
  });
}

void soci_store::insert(const job_record& x) {
  check_writing();
  guarded([&] {
    hot_->row = x;
    hot_->state = static_cast<int>(x.state);
    hot_->insert_job.execute(true);
    if (hot_->insert_job.get_affected_rows() == 0)
      return;
    // Most jobs have no configuration: no row is an empty object.
    if (!x.config.empty() && x.config != "{}")
      hot_->insert_config.execute(true);
    if (!x.result.empty() || x.result_size > 0)
      hot_->insert_result.execute(true);
    hot_->release_large();
  });
}

void soci_store::update(const job_update& x) {
  check_writing();
  // RUNNING and RESTARTING may take turns, nothing becomes STARTED again.
  if (x.state == job_state::started)
    return;
  guarded([&] {
    hot_->row.id = x.id;
    hot_->row.end_time = x.end_time;
    hot_->row.reason = x.reason;
    hot_->row.result = x.result;
    hot_->row.result_size = x.result_size;
    hot_->state = static_cast<int>(x.state);
    hot_->update_job.execute(true);
    if ((!x.result.empty() || x.result_size > 0) && is_final(x.state)
        && hot_->update_job.get_affected_rows() > 0)
      hot_->insert_result.execute(true);
    hot_->release_large();
  });
}

std::optional<job_record> soci_store::job(const std::string& id) {
  return guarded([&]() -> std::optional<job_record> {
    hot_->row = job_record{};
    hot_->row.id = id;
    if (!hot_->read_job.execute(true))
      return std::nullopt;
    // To the end of the rows: else the statement would go on reading, and keep
    // the log from being truncated.
    auto found = std::move(hot_->row);
    found.state = static_cast<job_state>(hot_->state);
    hot_->read_job.fetch();
    return found;
  });
}

std::unique_ptr<store> open_store(const std::string& url) {
  constexpr std::string_view scheme = "sqlite:";
  if (url.compare(0, scheme.size(), scheme) != 0 || url.size() == scheme.size())
    throw store_error("cannot open store '" + url + "': use sqlite:PATH",
                      false);
  return std::make_unique<soci_store>(url.substr(scheme.size()));
}

} // namespace hearth
