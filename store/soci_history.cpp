// How soci_store reads contexts and the histories of contexts and jobs.
#include <algorithm>
#include <iterator>

#include "store/soci_store.hpp"

namespace hearth {

using soci::into;
using soci::use;

namespace {

const char* job_state_name(int x) {
  return to_string(static_cast<job_state>(x));
}

const char* context_state_name(int x) {
  return to_string(static_cast<context_state>(x));
}

} // namespace

void soci_store::put(const context_record& from) {
  check_writing();
  auto x = from;
  clean(x.reason);
  for (auto* text : {&x.settings, &x.application_id, &x.web_url, &x.version})
    backend_->clean(*text);
  auto state = static_cast<int>(x.state);
  auto ad_hoc = x.ad_hoc ? 1 : 0;
  guarded([&] {
    auto before = 0;
    db_ << "SELECT state FROM contexts WHERE id = :id", use(x.id), into(before);
    if (db_.got_data()
        && !may_follow(static_cast<context_state>(before), x.state))
      return;
    db_ << "INSERT INTO contexts (id, name, state, settings, start_time,"
           " end_time, application_id, web_url, pid, pid_start, ad_hoc,"
           " reason_message, reason_class, reason_stack, reason_subject,"
           " since, state_version, agent_version)"
           " VALUES (:id, :name, :state, :settings, :start, :end, :app, :url,"
           " :pid, :pidstart, :adhoc, :message, :error, :stack, :subject,"
           " :since, :version, :agent)"
           " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
           " state = excluded.state, settings = excluded.settings,"
           " start_time = excluded.start_time, end_time = excluded.end_time,"
           " application_id = excluded.application_id,"
           " web_url = excluded.web_url, pid = excluded.pid,"
           " pid_start = excluded.pid_start, ad_hoc = excluded.ad_hoc,"
           " reason_message = excluded.reason_message,"
           " reason_class = excluded.reason_class,"
           " reason_stack = excluded.reason_stack,"
           " reason_subject = excluded.reason_subject,"
           " since = excluded.since, state_version = excluded.state_version,"
           " agent_version = excluded.agent_version",
      use(x.id), use(x.name), use(state), use(x.settings), use(x.start_time),
      use(x.end_time), use(x.application_id), use(x.web_url),
      use(x.process.pid), use(x.process.start_time), use(ad_hoc),
      use(x.reason.message), use(x.reason.error_class), use(x.reason.stack),
      use(x.reason.subject), use(x.since), use(x.state_version), use(x.version);
  });
  put(context_note{x.id, x.state_version, x.since, x.state, x.reason.message});
}

void soci_store::put(const job_note& from) {
  check_writing();
  auto x = from;
  backend_->clean(x.text);
  auto state = static_cast<int>(x.state);
  guarded([&] {
    db_ << "INSERT INTO job_history (job, number, time, state, text)"
           " SELECT j.seq, COALESCE((SELECT MAX(h.number) FROM job_history h"
           " WHERE h.job = j.seq), 0) + 1, :time, :state, :text"
           " FROM jobs j WHERE j.id = :id AND NOT EXISTS (SELECT 1"
           " FROM job_history h WHERE h.job = j.seq AND h.time = :time"
           " AND h.state = :state AND h.text = :text)",
      use(x.time, "time"), use(state, "state"), use(x.text, "text"),
      use(x.job, "id");
    db_ << "DELETE FROM job_history WHERE job = (SELECT seq FROM jobs"
           " WHERE id = :id) AND number <= (SELECT MAX(h.number)"
           " FROM job_history h WHERE h.job = job_history.job) - :keep",
      use(x.job), use(history_length);
  });
}

void soci_store::put(const context_note& from) {
  check_writing();
  auto x = from;
  backend_->clean(x.text);
  auto state = static_cast<int>(x.state);
  auto oldest = x.number - history_length;
  guarded([&] {
    db_ << "INSERT INTO context_history (context, number, time, state, text)"
           " SELECT seq, :number, :time, :state, :text FROM contexts"
           " WHERE id = :id ON CONFLICT (context, number) DO NOTHING",
      use(x.number), use(x.time), use(state), use(x.text), use(x.context);
    db_ << "DELETE FROM context_history WHERE context = (SELECT seq FROM"
           " contexts WHERE id = :id) AND number <= :oldest",
      use(x.context), use(oldest);
    db_ << "UPDATE contexts SET state_version = :number WHERE id = :id"
           " AND state_version < :older",
      use(x.number), use(x.context), use(x.number);
  });
}

std::vector<history_entry> soci_store::entries(const char* query,
                                               std::int64_t owner,
                                               const char* (*name)(int)) {
  history_entry row;
  int state = 0;
  soci::statement rows = (db_.prepare << query, use(owner), into(row.time),
                          into(state), into(row.text));
  std::vector<history_entry> result;
  rows.execute();
  while (rows.fetch()) {
    row.state = name(state);
    result.push_back(row);
  }
  return result;
}

std::optional<state_history> soci_store::job_history(const std::string& id) {
  auto found = job(id);
  if (!found)
    return std::nullopt;
  return guarded([&] {
    std::int64_t seq = 0;
    db_ << "SELECT seq FROM jobs WHERE id = :id", use(id), into(seq);
    auto steps = entries("SELECT time, state, text FROM job_history"
                         " WHERE job = :job ORDER BY number",
                         seq, job_state_name);
    state_history result{id, {}, found->state_version, {}};
    auto& all = result.entries;
    // The entries are in the order of the states, even if the clock was set
    // back.
    auto started = std::find_if(steps.begin(), steps.end(), [](auto& x) {
      return x.state != to_string(job_state::started);
    });
    all.push_back({found->start_time, to_string(job_state::started), {}});
    std::move(steps.begin(), started, std::back_inserter(all));
    if (found->run_time > 0)
      all.push_back({found->run_time, to_string(job_state::running), {}});
    std::move(started, steps.end(), std::back_inserter(all));
    if (is_final(found->state))
      all.push_back(
        {found->end_time, to_string(found->state), found->reason.message});
    return std::optional{std::move(result)};
  });
}

std::optional<state_history>
soci_store::context_history(const std::string& name) {
  auto found = context_by_name(name);
  if (!found)
    return std::nullopt;
  return guarded([&] {
    std::int64_t seq = 0;
    db_ << "SELECT seq FROM contexts WHERE id = :id", use(found->id), into(seq);
    return std::optional{
      state_history{found->id, found->name, found->state_version,
                    entries("SELECT time, state, text FROM context_history"
                            " WHERE context = :context ORDER BY number",
                            seq, context_state_name)}};
  });
}

} // namespace hearth
