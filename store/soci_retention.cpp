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
    soci::statement surplus
      = (db_.prepare << "DELETE FROM contexts WHERE seq IN (SELECT seq FROM"
                        " contexts WHERE seq <= :cut AND +state >= 5"
                        " ORDER BY seq LIMIT :limit)",
         use(cut), use(limit));
    surplus.execute(true);
    auto gone = static_cast<std::int32_t>(surplus.get_affected_rows());
    auto rest = limit - gone;
    soci::statement old
      = (db_.prepare << "DELETE FROM contexts WHERE seq IN (SELECT seq FROM"
                        " contexts WHERE state IN (5, 6, 7)"
                        " AND start_time < :start AND end_time < :end"
                        " LIMIT :limit)",
         use(due.ended_before), use(due.ended_before), use(rest));
    old.execute(true);
    return gone + static_cast<std::int32_t>(old.get_affected_rows());
  });
}

} // namespace hearth
