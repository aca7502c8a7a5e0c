#include "store/schema.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace hearth {

namespace {

using migration = std::vector<const char*>;

// Never change a migration that was released: add one. States and types are
// the numbers of records.hpp. `seq` is the order of arrival: it breaks ties
// between equal times and is the key of the texts, which may be large and are
// kept apart so that lists stay lean.
const std::vector<migration>& migrations() {
  static const std::vector<migration> all = {
    // 1: the first slice
    {
      "CREATE TABLE contexts ("
      " seq INTEGER PRIMARY KEY,"
      " id TEXT NOT NULL UNIQUE,"
      " name TEXT NOT NULL,"
      " state INTEGER NOT NULL,"
      " settings TEXT NOT NULL,"
      " start_time BIGINT NOT NULL,"
      " end_time BIGINT NOT NULL,"
      " application_id TEXT NOT NULL,"
      " web_url TEXT NOT NULL,"
      " pid BIGINT NOT NULL,"
      " pid_start BIGINT NOT NULL,"
      " ad_hoc INTEGER NOT NULL,"
      " reason_message TEXT NOT NULL,"
      " reason_class TEXT NOT NULL,"
      " reason_stack TEXT NOT NULL,"
      " reason_subject TEXT NOT NULL)",
      "CREATE INDEX contexts_by_name ON contexts (name, start_time)",
      "CREATE INDEX contexts_by_state ON contexts (state, start_time)",

      "CREATE TABLE jobs ("
      " seq INTEGER PRIMARY KEY,"
      " id TEXT NOT NULL UNIQUE,"
      " context_id TEXT NOT NULL,"
      " context_name TEXT NOT NULL,"
      " main_class TEXT NOT NULL,"
      " binaries TEXT NOT NULL,"
      " state INTEGER NOT NULL,"
      " start_time BIGINT NOT NULL,"
      " end_time BIGINT NOT NULL,"
      " reason_message TEXT NOT NULL,"
      " reason_class TEXT NOT NULL,"
      " reason_stack TEXT NOT NULL,"
      " reason_subject TEXT NOT NULL)",
      "CREATE INDEX jobs_by_time ON jobs (start_time)",
      "CREATE INDEX jobs_by_state ON jobs (state, start_time)",
      "CREATE TABLE job_configs ("
      " seq INTEGER PRIMARY KEY REFERENCES jobs (seq),"
      " config TEXT NOT NULL)",
      "CREATE TABLE job_results ("
      " seq INTEGER PRIMARY KEY REFERENCES jobs (seq),"
      " result TEXT NOT NULL)",

      "CREATE TABLE binaries ("
      " seq INTEGER PRIMARY KEY,"
      " name TEXT NOT NULL,"
      " type INTEGER NOT NULL,"
      " digest TEXT NOT NULL,"
      " size BIGINT NOT NULL,"
      " upload_time BIGINT NOT NULL)",
      "CREATE INDEX binaries_by_name ON binaries (name)",
    },
    // results too large for a row: `result` is empty, this is their file's size
    {
      "ALTER TABLE job_results ADD COLUMN file_size BIGINT NOT NULL DEFAULT 0",
    },
    // a job that ended well costs two pages: its row, with a small result in
    // it, and its id. Lists follow the order of arrival.
    {
      "ALTER TABLE jobs ADD COLUMN small_result TEXT NOT NULL DEFAULT ''",
      "DROP INDEX jobs_by_time",
      "DROP INDEX jobs_by_state",
      "CREATE INDEX jobs_not_finished ON jobs (state, seq) WHERE state <> 4",
    },
    // histories: for a job, only the steps that do not follow from its own
    // times
    {
      "ALTER TABLE jobs ADD COLUMN run_time BIGINT NOT NULL DEFAULT 0",
      "ALTER TABLE contexts ADD COLUMN since BIGINT NOT NULL DEFAULT 0",
      "ALTER TABLE contexts ADD COLUMN state_version BIGINT NOT NULL DEFAULT 0",
      "CREATE TABLE job_history ("
      " seq INTEGER PRIMARY KEY,"
      " job BIGINT NOT NULL,"
      " number BIGINT NOT NULL,"
      " time BIGINT NOT NULL,"
      " state INTEGER NOT NULL,"
      " text TEXT NOT NULL,"
      " UNIQUE (job, number))",
      "CREATE TABLE context_history ("
      " seq INTEGER PRIMARY KEY,"
      " context BIGINT NOT NULL,"
      " number BIGINT NOT NULL,"
      " time BIGINT NOT NULL,"
      " state INTEGER NOT NULL,"
      " text TEXT NOT NULL,"
      " UNIQUE (context, number))",
    },
    // jobs that wait for a slot; keys that clients gave to their requests
    {
      "CREATE TABLE job_queue ("
      " seq INTEGER PRIMARY KEY REFERENCES jobs (seq),"
      " context_id TEXT NOT NULL,"
      " priority INTEGER NOT NULL,"
      " deadline BIGINT NOT NULL,"
      " request TEXT NOT NULL,"
      " callback_url TEXT NOT NULL)",
      "CREATE INDEX job_queue_by_context ON job_queue (context_id)",
      "CREATE TABLE idempotency_keys ("
      " seq INTEGER PRIMARY KEY,"
      " name TEXT NOT NULL UNIQUE,"
      " digest TEXT NOT NULL,"
      " subject TEXT NOT NULL,"
      " time BIGINT NOT NULL)",
      "CREATE INDEX keys_by_subject ON idempotency_keys (subject)",
      "CREATE INDEX keys_by_time ON idempotency_keys (time)",
    },
    // what the agent of a context said that it runs, which is shown after its
    // end, too
    {
      "ALTER TABLE contexts ADD COLUMN agent_version TEXT NOT NULL DEFAULT ''",
    },
    // a job that waited may have run once it was sent
    {
      "ALTER TABLE job_queue ADD COLUMN sent INTEGER NOT NULL DEFAULT 0",
    },
    // a queue in its order: places are ranked without sorting it
    {
      "DROP INDEX job_queue_by_context",
      "CREATE INDEX job_queue_by_place ON job_queue"
      " (context_id, priority DESC, seq) WHERE sent = 0",
    },
  };
  return all;
}

int current_version(soci::session& db) {
  std::vector<std::string> tables;
  soci::rowset<std::string> rows = db.prepare_table_names();
  std::copy(rows.begin(), rows.end(), std::back_inserter(tables));
  if (tables.empty())
    return 0;
  if (std::count(tables.begin(), tables.end(), "schema_version") == 0)
    throw store_error("the database holds tables that are not Hearth's");
  int version = 0;
  db << "SELECT MAX(version) FROM schema_version", soci::into(version);
  return version;
}

} // namespace

int newest_schema_version() {
  return static_cast<int>(migrations().size());
}

int migrate(soci::session& db, const backend& dialect) {
  auto found = current_version(db);
  if (found > newest_schema_version())
    throw store_error("the database has schema version " + std::to_string(found)
                      + ", this Hearth knows "
                      + std::to_string(newest_schema_version())
                      + " and older: a newer Hearth wrote it");
  for (auto version = found + 1; version <= newest_schema_version();
       ++version) {
    soci::transaction guard{db};
    if (version == 1)
      db << "CREATE TABLE schema_version (version INTEGER NOT NULL)";
    for (auto* statement : migrations()[static_cast<std::size_t>(version) - 1])
      db << dialect.translate(statement);
    db << "INSERT INTO schema_version (version) VALUES (:v)",
      soci::use(version, "v");
    guard.commit();
  }
  return found;
}

} // namespace hearth
