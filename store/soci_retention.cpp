// How the store forgets. The order of arrival stands for the age: `seq` is the
// key of every table that has rows of a job, and rows that arrived together are
// stored together, so that whole pages become free and are used again.
//
// The unary plus keeps the database from choosing an index of states, which has
// many entries for few values.
#include <algorithm>

#include "store/soci_store.hpp"

namespace hearth {

using soci::into;
using soci::use;

namespace {

/// How many of the oldest jobs that ended are looked at, more than there will
/// ever be that took as long as jobs are kept.
constexpr std::int64_t looked_at = 4096;

} // namespace

std::vector<std::string> soci_store::erase_jobs(const expiry& due,
                                                std::int32_t limit) {
  check_writing();
  return guarded([&] {
    std::vector<std::string> ids;
    std::int64_t first = 0;
    std::int64_t cut = 0;
    db_ << "SELECT COALESCE((SELECT MIN(seq) FROM jobs), 0),"
           " COALESCE((SELECT MAX(seq) FROM jobs), 0)",
      into(first), into(cut);
    cut -= due.keep;
    std::string id;
    std::int64_t seq = 0;
    auto collect = [&](soci::details::prepare_temp_type prepared) {
      soci::statement query = (prepared, into(seq), into(id));
      query.execute();
      while (query.fetch())
        ids.push_back(id);
    };
    // Those that are too many are found at once, those that are too old are
    // not: so they are looked for only when there can be one.
    if (first <= cut)
      collect((db_.prepare << "SELECT seq, id FROM jobs WHERE seq <= :cut"
                              " AND +state >= 4 ORDER BY seq LIMIT :limit",
               use(cut), use(limit)));
    auto rest = limit - static_cast<std::int32_t>(ids.size());
    if (rest > 0 && due.ended_before > soonest_end_) {
      // Looks only at the oldest ended jobs. All jobs that are due are among
      // them, except for jobs that took so long that the youngest of these is
      // old by now.
      std::int64_t last = 0;
      std::int64_t soonest = 0;
      db_ << "SELECT COALESCE(MAX(seq), 0), COALESCE(MIN(end_time), 0)"
             " FROM (SELECT seq, end_time FROM jobs WHERE seq > :cut"
             " AND +state >= 4 ORDER BY seq LIMIT :limit) AS oldest",
        use(cut), use(looked_at), into(last), into(soonest);
      auto before = ids.size();
      collect((db_.prepare << "SELECT seq, id FROM jobs WHERE seq > :cut"
                              " AND seq <= :last AND +state >= 4"
                              " AND end_time < :time ORDER BY seq LIMIT :limit",
               use(cut), use(last), use(due.ended_before), use(rest)));
      if (ids.size() == before)
        soonest_end_ = soonest;
    }
    if (ids.empty())
      return ids;
    // The same condition up to the last found job selects exactly the found
    // jobs.
    const std::string of_these = " FROM jobs WHERE seq <= :last AND +state >= 4"
                                 " AND (seq <= :cut OR end_time < :time)";
    for (auto* rows : {"job_configs WHERE seq IN (SELECT seq",
                       "job_results WHERE seq IN (SELECT seq",
                       "job_history WHERE job IN (SELECT seq",
                       "job_queue WHERE seq IN (SELECT seq",
                       "idempotency_keys WHERE subject IN (SELECT id"})
      db_ << std::string{"DELETE FROM "} + rows + of_these + ")", use(seq),
        use(cut), use(due.ended_before);
    db_ << "DELETE" + of_these, use(seq), use(cut), use(due.ended_before);
    return ids;
  });
}

void soci_store::withdraw(const std::string& job) {
  check_writing();
  guarded([&] {
    std::int64_t seq = 0;
    db_ << "SELECT seq FROM jobs WHERE id = :id AND state < 4", use(job),
      into(seq);
    if (!db_.got_data())
      return;
    for (auto* statement : {"DELETE FROM job_configs WHERE seq = :seq",
                            "DELETE FROM job_results WHERE seq = :seq",
                            "DELETE FROM job_history WHERE job = :seq",
                            "DELETE FROM job_queue WHERE seq = :seq",
                            "DELETE FROM jobs WHERE seq = :seq"})
      db_ << statement, use(seq);
  });
}

std::vector<std::string> soci_store::erase_contexts(const expiry& due,
                                                    std::int32_t limit) {
  check_writing();
  return guarded([&] {
    std::int64_t cut = 0;
    db_ << "SELECT COALESCE(MAX(seq), 0) FROM contexts", into(cut);
    cut -= due.keep;
    std::int64_t seq = 0;
    std::string id;
    std::vector<std::int64_t> gone;
    std::vector<std::string> ids;
    auto collect = [&](soci::details::prepare_temp_type prepared) {
      soci::statement query = (prepared, into(seq), into(id));
      query.execute();
      while (query.fetch()) {
        gone.push_back(seq);
        ids.push_back(id);
      }
    };
    collect((db_.prepare << "SELECT seq, id FROM contexts WHERE seq <= :cut"
                            " AND +state >= 5 ORDER BY seq LIMIT :limit",
             use(cut), use(limit)));
    auto rest = limit - static_cast<std::int32_t>(gone.size());
    collect((db_.prepare << "SELECT seq, id FROM contexts WHERE seq > :cut"
                            " AND state IN (5, 6, 7) AND start_time < :start"
                            " AND end_time < :end LIMIT :limit",
             use(cut), use(due.ended_before), use(due.ended_before),
             use(rest)));
    for (auto x : gone) {
      db_ << "DELETE FROM context_history WHERE context = :seq", use(x);
      db_ << "DELETE FROM contexts WHERE seq = :seq", use(x);
    }
    return ids;
  });
}

} // namespace hearth
