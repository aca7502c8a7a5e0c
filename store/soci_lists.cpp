// The reads of soci_store that return more than one kind of row needs.
#include <algorithm>
#include <limits>

#include "store/soci_store.hpp"

namespace hearth {

using soci::into;
using soci::use;

namespace {

constexpr const char* select_contexts
  = "SELECT id, name, state, settings, start_time, end_time, application_id,"
    " web_url, pid, pid_start, ad_hoc, reason_message, reason_class,"
    " reason_stack, reason_subject, since, state_version, agent_version"
    " FROM contexts";
constexpr const char* select_jobs
  = "SELECT id, context_id, context_name, main_class, binaries, state,"
    " start_time, end_time, reason_message, reason_class, reason_stack,"
    " reason_subject, run_time, (SELECT COUNT(*) FROM job_queue me"
    " JOIN job_queue q ON q.context_id = me.context_id AND q.sent = 0"
    " WHERE me.seq = jobs.seq AND me.sent = 0 AND (q.priority > me.priority"
    " OR (q.priority = me.priority AND q.seq <= me.seq))) FROM jobs";

// `prepared` is the statement with its `use` elements.
std::vector<context_record>
read_contexts(soci::details::prepare_temp_type prepared) {
  context_record row;
  int state = 0;
  int ad_hoc = 0;
  soci::statement query
    = (prepared, into(row.id), into(row.name), into(state), into(row.settings),
       into(row.start_time), into(row.end_time), into(row.application_id),
       into(row.web_url), into(row.process.pid), into(row.process.start_time),
       into(ad_hoc), into(row.reason.message), into(row.reason.error_class),
       into(row.reason.stack), into(row.reason.subject), into(row.since),
       into(row.state_version), into(row.version));
  std::vector<context_record> result;
  query.execute();
  while (query.fetch()) {
    row.state = static_cast<context_state>(state);
    row.ad_hoc = ad_hoc != 0;
    result.push_back(row);
  }
  return result;
}

std::vector<job_record> read_jobs(soci::details::prepare_temp_type prepared) {
  job_record row;
  int state = 0;
  soci::statement query
    = (prepared, into(row.id), into(row.context_id), into(row.context_name),
       into(row.main_class), into(row.binaries), into(state),
       into(row.start_time), into(row.end_time), into(row.reason.message),
       into(row.reason.error_class), into(row.reason.stack),
       into(row.reason.subject), into(row.run_time), into(row.queued));
  std::vector<job_record> result;
  query.execute();
  while (query.fetch()) {
    row.state = static_cast<job_state>(state);
    result.push_back(row);
  }
  return result;
}

} // namespace

std::optional<context_record>
soci_store::context_by_name(const std::string& name) {
  return guarded([&]() -> std::optional<context_record> {
    auto found = read_contexts(
      (db_.prepare << select_contexts
                   << " WHERE name = :name"
                      " ORDER BY start_time DESC, seq DESC LIMIT 1",
       use(name)));
    if (found.empty())
      return std::nullopt;
    return std::move(found.front());
  });
}

std::vector<context_record> soci_store::live_contexts() {
  return guarded([&] {
    return read_contexts(db_.prepare
                         << select_contexts
                         << " WHERE state < 5 ORDER BY start_time, seq");
  });
}

std::vector<job_record> soci_store::live_jobs() {
  auto found = guarded([&] {
    return read_jobs(db_.prepare << select_jobs
                                 << " WHERE state < 4 AND state <> 4");
  });
  std::stable_sort(found.begin(), found.end(), [](auto& x, auto& y) {
    return x.start_time < y.start_time;
  });
  return found;
}

std::optional<std::string> soci_store::job_config(const std::string& id) {
  return guarded([&]() -> std::optional<std::string> {
    std::string config;
    db_ << "SELECT COALESCE(c.config, '{}') FROM jobs j"
           " LEFT JOIN job_configs c ON c.seq = j.seq WHERE j.id = :id",
      use(id), into(config);
    if (!db_.got_data())
      return std::nullopt;
    return config;
  });
}

// By arrival, which a primary key gives for nothing. A sync job arrives when it
// has run for some milliseconds or ended, so that times may be that much out of
// order, and are sorted out here.
std::vector<job_record> soci_store::jobs(const job_filter& filter) {
  auto limit = filter.limit < 0 ? std::numeric_limits<std::int64_t>::max()
                                : std::int64_t{filter.limit};
  // The state as text, and that it is not FINISHED as its index has it: else
  // the database could not know that this index will do.
  std::string which;
  if (filter.by_state)
    which = " WHERE state = " + std::to_string(static_cast<int>(filter.state));
  if (filter.by_state && filter.state != job_state::finished)
    which += " AND state <> 4";
  auto found = guarded([&] {
    return read_jobs(
      (db_.prepare << select_jobs << which << " ORDER BY seq DESC LIMIT :limit",
       use(limit)));
  });
  std::stable_sort(found.begin(), found.end(), [](auto& x, auto& y) {
    return x.start_time > y.start_time;
  });
  return found;
}

void soci_store::put(const binary_record& x) {
  check_writing();
  auto type = static_cast<int>(x.type);
  guarded([&] {
    db_ << "INSERT INTO binaries (name, type, digest, size, upload_time)"
           " SELECT :name, :type, :digest, :size, :time WHERE NOT EXISTS"
           " (SELECT 1 FROM binaries WHERE name = :name AND digest = :digest"
           " AND upload_time = :time)",
      use(x.name, "name"), use(type, "type"), use(x.digest, "digest"),
      use(x.size, "size"), use(x.upload_time, "time");
  });
}

void soci_store::erase_binary(const std::string& name) {
  check_writing();
  guarded([&] { db_ << "DELETE FROM binaries WHERE name = :name", use(name); });
}

std::vector<binary_record> soci_store::binaries() {
  return guarded([&] {
    binary_record row;
    int type = 0;
    soci::statement query
      = (db_.prepare << "SELECT name, type, digest, size, upload_time"
                        " FROM binaries ORDER BY upload_time, seq",
         into(row.name), into(type), into(row.digest), into(row.size),
         into(row.upload_time));
    std::vector<binary_record> result;
    query.execute();
    while (query.fetch()) {
      row.type = static_cast<binary_type>(type);
      result.push_back(row);
    }
    return result;
  });
}

} // namespace hearth
