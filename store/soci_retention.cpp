// How the store forgets. Order of arrival stands for age: `seq` is the key of
// every table that a job has rows in, and what arrived first lies together, so
// that whole pages become free and are used again.
//
// The unary plus keeps the database from choosing the index of states, which
// holds nearly all jobs under a few values.
#include <algorithm>

#include "store/soci_store.hpp"

namespace hearth {

using soci::into;
using soci::use;

std::vector<std::string> soci_store::erase_jobs(const expiry& due,
                                                std::int32_t limit) {
  check_writing();
  return guarded([&] {
    std::int64_t cut = 0;
    db_ << "SELECT COALESCE(MAX(seq), 0) FROM jobs", into(cut);
    cut -= due.keep;
    // None behind this one can have ended before that time.
    std::int64_t last = 0;
    db_ << "SELECT seq FROM jobs WHERE start_time < :time"
           " ORDER BY start_time DESC, seq DESC LIMIT 1",
      use(due.ended_before), into(last);
    last = std::max(db_.got_data() ? last : 0, cut);
    std::string id;
    std::int64_t seq = 0;
    soci::statement query
      = (db_.prepare << "SELECT seq, id FROM jobs WHERE seq <= :last"
                        " AND +state >= 4 AND (seq <= :cut OR end_time < :time)"
                        " ORDER BY seq LIMIT :limit",
         use(last), use(cut), use(due.ended_before), use(limit), into(seq),
         into(id));
    std::vector<std::string> ids;
    query.execute();
    while (query.fetch())
      ids.push_back(id);
    if (ids.empty())
      return ids;
    // The same condition, up to the last of these: exactly these.
    for (auto* statement :
         {"DELETE FROM job_configs WHERE seq IN (SELECT seq FROM jobs"
          " WHERE seq <= :last AND +state >= 4"
          " AND (seq <= :cut OR end_time < :time))",
          "DELETE FROM job_results WHERE seq IN (SELECT seq FROM jobs"
          " WHERE seq <= :last AND +state >= 4"
          " AND (seq <= :cut OR end_time < :time))",
          "DELETE FROM job_history WHERE job IN (SELECT seq FROM jobs"
          " WHERE seq <= :last AND +state >= 4"
          " AND (seq <= :cut OR end_time < :time))",
          "DELETE FROM job_queue WHERE seq IN (SELECT seq FROM jobs"
          " WHERE seq <= :last AND +state >= 4"
          " AND (seq <= :cut OR end_time < :time))",
          "DELETE FROM idempotency_keys WHERE subject IN (SELECT id FROM jobs"
          " WHERE seq <= :last AND +state >= 4"
          " AND (seq <= :cut OR end_time < :time))",
          "DELETE FROM jobs WHERE seq <= :last AND +state >= 4"
          " AND (seq <= :cut OR end_time < :time)"})
      db_ << statement, use(seq), use(cut), use(due.ended_before);
    return ids;
  });
}

std::int32_t soci_store::erase_contexts(const expiry& due, std::int32_t limit) {
  check_writing();
  return guarded([&] {
    std::int64_t cut = 0;
    db_ << "SELECT COALESCE(MAX(seq), 0) FROM contexts", into(cut);
    cut -= due.keep;
    std::int64_t seq = 0;
    std::vector<std::int64_t> gone;
    auto collect = [&](soci::details::prepare_temp_type prepared) {
      soci::statement query = (prepared, into(seq));
      query.execute();
      while (query.fetch())
        gone.push_back(seq);
    };
    collect((db_.prepare << "SELECT seq FROM contexts WHERE seq <= :cut"
                            " AND +state >= 5 ORDER BY seq LIMIT :limit",
             use(cut), use(limit)));
    auto rest = limit - static_cast<std::int32_t>(gone.size());
    collect((db_.prepare << "SELECT seq FROM contexts WHERE seq > :cut"
                            " AND state IN (5, 6, 7) AND start_time < :start"
                            " AND end_time < :end LIMIT :limit",
             use(cut), use(due.ended_before), use(due.ended_before),
             use(rest)));
    for (auto x : gone) {
      db_ << "DELETE FROM context_history WHERE context = :seq", use(x);
      db_ << "DELETE FROM contexts WHERE seq = :seq", use(x);
    }
    return static_cast<std::int32_t>(gone.size());
  });
}

} // namespace hearth
