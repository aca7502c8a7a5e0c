#include "store/soci_store.hpp"

#include "store/schema.hpp"

namespace hearth {

using soci::into;
using soci::use;

namespace {

/// A result up to this size lies in its job's row, bytes.
constexpr std::size_t small_result = 512;

} // namespace

// The statements that every job needs. They are prepared once and bound to
// these members. In a batch of 16, a job then costs a few microseconds.
struct soci_store::hot_statements {
  hot_statements(soci::session& db, const char* begin_statement);

  /// Takes the result of an ended job, if it fits into the row.
  void bind_small_result(job_state x) {
    auto fits = is_final(x) && !has_large_result();
    small = fits ? row.result : std::string{};
  }

  bool has_large_result() const {
    return row.result.size() > small_result || row.result_size > 0;
  }

  // Small texts keep their memory for the next job.
  void release_large() {
    for (auto* text : {&config, &row.result})
      if (text->capacity() > 64 << 10)
        *text = std::string{};
  }

  job_record row;
  std::string config; ///< of the row
  int state = 0;
  std::string small; ///< the result, if it lies in the row
  soci::statement begin;
  soci::statement commit;
  soci::statement insert_job;
  soci::statement insert_config;
  soci::statement update_job;
  soci::statement insert_result;
  soci::statement read_job;
};

soci_store::hot_statements::hot_statements(soci::session& db,
                                           const char* begin_statement)
  : begin((db.prepare << begin_statement)), commit((db.prepare << "COMMIT")),
    insert_job(
      (db.prepare
         << "INSERT INTO jobs (id, context_id, context_name, main_class,"
            " binaries, state, start_time, end_time, run_time,"
            " reason_message, reason_class, reason_stack,"
            " reason_subject, small_result) VALUES (:id,"
            " :cid, :cname, :class, :binaries, :state, :start, :end,"
            " :run, :message, :error, :stack, :subject, :small)"
            " ON CONFLICT (id) DO NOTHING",
       use(row.id), use(row.context_id), use(row.context_name),
       use(row.main_class), use(row.binaries), use(state), use(row.start_time),
       use(row.end_time), use(row.run_time), use(row.reason.message),
       use(row.reason.error_class), use(row.reason.stack),
       use(row.reason.subject), use(small))),
    insert_config((db.prepare
                     << "INSERT INTO job_configs (seq, config)"
                        " SELECT seq, :config FROM jobs WHERE id = :id",
                   use(config), use(row.id))),
    update_job((db.prepare << "UPDATE jobs SET state = :state, end_time = :end,"
                              " run_time = :run,"
                              " reason_message = :message,"
                              " reason_class = :error, reason_stack = :stack,"
                              " reason_subject = :subject,"
                              " small_result = :small"
                              " WHERE id = :id AND state < 4",
                use(state), use(row.end_time), use(row.run_time),
                use(row.reason.message), use(row.reason.error_class),
                use(row.reason.stack), use(row.reason.subject), use(small),
                use(row.id))),
    insert_result((db.prepare
                     << "INSERT INTO job_results (seq, result, file_size)"
                        " SELECT seq, :result, :size FROM jobs WHERE id = :id",
                   use(row.result), use(row.result_size), use(row.id))),
    read_job(
      (db.prepare << "SELECT j.id, j.context_id, j.context_name, j.main_class,"
                     " j.binaries, j.state, j.start_time, j.end_time,"
                     " j.reason_message, j.reason_class, j.reason_stack,"
                     " j.reason_subject, COALESCE(r.result, j.small_result),"
                     " COALESCE(r.file_size, 0), j.run_time,"
                     " COALESCE((SELECT MAX(h.number) FROM job_history h"
                     " WHERE h.job = j.seq), 0),"
                     " (SELECT COUNT(*) FROM job_queue me JOIN job_queue q ON"
                     " q.context_id = me.context_id AND q.sent = 0"
                     " WHERE me.seq = j.seq AND me.sent = 0 AND"
                     " (q.priority > me.priority OR (q.priority = me.priority"
                     " AND q.seq <= me.seq))) FROM jobs j"
                     " LEFT JOIN job_results r ON r.seq = j.seq"
                     " WHERE j.id = :id",
       into(row.id), into(row.context_id), into(row.context_name),
       into(row.main_class), into(row.binaries), into(state),
       into(row.start_time), into(row.end_time), into(row.reason.message),
       into(row.reason.error_class), into(row.reason.stack),
       into(row.reason.subject), into(row.result), into(row.result_size),
       into(row.run_time), into(row.state_version), into(row.queued),
       use(row.id))) {}

soci_store::soci_store(std::shared_ptr<backend> database)
  : backend_(std::move(database)) {
  guarded([&] { open(); });
}

soci_store::~soci_store() = default;

void soci_store::open() {
  backend_->open(db_);
  backend_->set_lock_wait(db_, lock_wait_);
  durability_ = durability::flushed;
  migrate(db_, *backend_);
  prepare();
}

void soci_store::prepare() {
  if (!hot_)
    hot_ = std::make_unique<hot_statements>(db_, backend_->begin_statement());
}

void soci_store::reconnect() {
  guarded([&] {
    hot_.reset();
    db_.close();
    open();
    backend_->make_safe(db_);
    broken_.clear();
  });
}

void soci_store::set_lock_wait(std::chrono::milliseconds x) {
  lock_wait_ = x;
  guarded([&] { backend_->set_lock_wait(db_, x); });
}

// A transaction's flush also flushes the lazy ones before it: they are in the
// same log. The pragma works only between transactions.
void soci_store::set_durability(durability level) {
  if (level == durability_)
    return;
  db_ << backend_->durability_statement(level);
  durability_ = level;
}

void soci_store::transaction(durability level,
                             const std::function<void()>& writes) {
  try_commit(level, writes);
  tidy();
}

// The transaction took place, so its caller must not hear of an error here. A
// checkpoint that found no space, or a reader in its way, is made later.
void soci_store::tidy() {
  try {
    guarded([&] { backend_->tidy(db_); });
  } catch (const store_error& e) {
    if (e.lost())
      broken_ = e.what();
  }
}

void soci_store::try_commit(durability level,
                            const std::function<void()>& writes) {
  if (writing_)
    throw std::logic_error("a transaction inside a transaction");
  if (!broken_.empty())
    throw store_error(broken_, store_trouble::lost);
  try {
    guarded([&] { commit(level, writes); });
  } catch (const store_error& e) {
    if (e.lost())
      broken_ = e.what();
    throw;
  }
}

void soci_store::commit(durability level, const std::function<void()>& writes) {
  prepare();
  set_durability(level);
  begin();
  writing_ = true;
  try {
    writes();
    if (level == durability::flushed && lazy_before_)
      backend_->flush_lazy(db_);
    hot_->commit.execute(true);
  } catch (...) {
    writing_ = false;
    roll_back();
    throw;
  }
  writing_ = false;
  lazy_before_ = level == durability::lazy;
}

// This fails often while others hold the database. Only this statement has to
// be reset then.
void soci_store::begin() {
  try {
    hot_->begin.execute(true);
  } catch (...) {
    if (!backend_->abandon(db_))
      broken_ = "database: a transaction could not be begun";
    throw;
  }
}

void soci_store::roll_back() {
  if (!backend_->abandon(db_))
    broken_ = "database: a transaction could not be rolled back";
  // The state of the statements is unknown, so they are prepared again.
  hot_.reset();
}

void soci_store::check_writing() const {
  if (!writing_)
    throw std::logic_error("a write outside a transaction");
}

void soci_store::clean(problem& x) const {
  for (auto* text : {&x.message, &x.error_class, &x.stack, &x.subject})
    backend_->clean(*text);
}

void soci_store::insert(const job_record& x) {
  check_writing();
  guarded([&] {
    hot_->row = x;
    clean(hot_->row.reason);
    hot_->config = x.config.text();
    for (auto* text : {&hot_->row.main_class, &hot_->row.binaries,
                       &hot_->config, &hot_->row.result})
      backend_->clean(*text);
    hot_->state = static_cast<int>(x.state);
    hot_->bind_small_result(x.state);
    hot_->insert_job.execute(true);
    if (hot_->insert_job.get_affected_rows() == 0) {
      // The job was inserted before, but the answer to that was lost.
      move_on(x.state);
      return;
    }
    // Most jobs have no configuration: no row is an empty object.
    if (!x.config.empty() && x.config.text() != "{}")
      hot_->insert_config.execute(true);
    if (hot_->has_large_result())
      hot_->insert_result.execute(true);
    hot_->release_large();
  });
}

void soci_store::move_on(job_state to) {
  // RUNNING and RESTARTING may take turns, nothing becomes STARTED again.
  if (to == job_state::started)
    return;
  hot_->bind_small_result(to);
  hot_->update_job.execute(true);
  if (hot_->has_large_result() && is_final(to)
      && hot_->update_job.get_affected_rows() > 0)
    hot_->insert_result.execute(true);
  hot_->release_large();
}

void soci_store::update(const job_update& x) {
  check_writing();
  guarded([&] {
    if (x.state == job_state::started)
      return mark_sent(x.id);
    hot_->row.id = x.id;
    hot_->row.end_time = x.end_time;
    hot_->row.reason = x.reason;
    hot_->row.result = x.result;
    hot_->row.result_size = x.result_size;
    hot_->row.run_time = x.run_time;
    clean(hot_->row.reason);
    backend_->clean(hot_->row.result);
    hot_->state = static_cast<int>(x.state);
    move_on(x.state);
  });
}

std::optional<job_record> soci_store::job(const std::string& id) {
  return guarded([&]() -> std::optional<job_record> {
    prepare();
    hot_->row = job_record{};
    hot_->row.id = id;
    if (!hot_->read_job.execute(true))
      return std::nullopt;
    // To the end of the rows: else the statement would go on reading, and keep
    // the log from being truncated.
    auto found = std::move(hot_->row);
    found.state = static_cast<job_state>(hot_->state);
    found.state_version
      += 1 + (found.run_time > 0 ? 1 : 0) + (is_final(found.state) ? 1 : 0);
    hot_->read_job.fetch();
    return found;
  });
}

std::unique_ptr<store> open_store(const std::string& url,
                                  const std::string& password_file) {
  constexpr std::string_view sqlite = "sqlite:";
  if (url.starts_with(sqlite) && url.size() > sqlite.size())
    return std::make_unique<soci_store>(
      make_sqlite_backend(url.substr(sqlite.size())));
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return std::make_unique<soci_store>(
      make_postgresql_backend(url, password_file));
  // The url itself may hold a password.
  throw store_error("cannot open the store: its url must be sqlite:PATH or "
                    "postgresql://USER@HOST:PORT/DATABASE");
}

} // namespace hearth
