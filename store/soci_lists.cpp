// How soci_store reads contexts, lists of jobs, configurations and binaries.
#include "store/job_lists.hpp"
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
  return guarded([&] { return read_live_jobs(db_); });
}

std::vector<job_record> soci_store::jobs(const job_filter& filter) {
  return guarded([&] { return read_jobs(db_, filter); });
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
