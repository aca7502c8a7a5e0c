#include "store/job_lists.hpp"

#include <algorithm>
#include <limits>

#include "store/backend.hpp"
#include "store/soci_store.hpp"

namespace hearth {

using soci::into;
using soci::use;

namespace {

// Each list is a page of jobs, to which the places of waiting jobs are added.
// The queue of each context on the page is ranked once, because counting for
// every job how many jobs go before it would take quadratic time.
constexpr const char* begin_page
  = "WITH page AS MATERIALIZED (SELECT seq, id, context_id, context_name,"
    " main_class, binaries, state, start_time, end_time, reason_message,"
    " reason_class, reason_stack, reason_subject, run_time FROM jobs";

// MATERIALIZED makes SQLite look the places up by an index. It takes a CROSS
// JOIN in the order in which it is written: from the contexts to their queues.
constexpr const char* with_places
  = "), waiting AS MATERIALIZED (SELECT DISTINCT q.context_id FROM page"
    " JOIN job_queue q ON q.seq = page.seq WHERE q.sent = 0),"
    " places AS MATERIALIZED (SELECT q.seq AS seq,"
    " ROW_NUMBER() OVER (PARTITION BY q.context_id"
    " ORDER BY q.priority DESC, q.seq) AS place"
    " FROM waiting CROSS JOIN job_queue q"
    " WHERE q.context_id = waiting.context_id AND q.sent = 0)"
    " SELECT page.id, page.context_id, page.context_name, page.main_class,"
    " page.binaries, page.state, page.start_time, page.end_time,"
    " page.reason_message, page.reason_class, page.reason_stack,"
    " page.reason_subject, page.run_time, COALESCE(places.place, 0)"
    " FROM page LEFT JOIN places ON places.seq = page.seq"
    " ORDER BY page.seq DESC";

// The database uses the index of jobs that are not FINISHED only for queries
// that have the condition `state <> 4`.
constexpr const char* any_state = " ORDER BY seq DESC LIMIT :limit";
constexpr const char* unfinished
  = " WHERE state = :state AND state <> 4 ORDER BY seq DESC LIMIT :limit";
constexpr const char* finished
  = " WHERE state = 4 ORDER BY seq DESC LIMIT :limit";
constexpr const char* live = " WHERE state < 4 AND state <> 4";

/// `prepared` is the statement with its `use` elements.
std::vector<job_record> read(soci::details::prepare_temp_type prepared) {
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

std::vector<job_record> read_page(soci::session& db, const job_filter& filter) {
  auto limit = filter.limit < 0 ? std::numeric_limits<std::int64_t>::max()
                                : std::int64_t{filter.limit};
  if (!filter.by_state)
    return read(
      (db.prepare << begin_page << any_state << with_places, use(limit)));
  if (filter.state == job_state::finished)
    return read(
      (db.prepare << begin_page << finished << with_places, use(limit)));
  auto state = static_cast<int>(filter.state);
  return read((db.prepare << begin_page << unfinished << with_places,
               use(state), use(limit)));
}

/// Connects at the first list, and again after an error, because an idle
/// connection may have been closed after hours.
class soci_reader : public store_reader {
public:
  explicit soci_reader(std::shared_ptr<backend> database)
    : backend_(std::move(database)) {
    // nop
  }

  std::vector<job_record> jobs(const job_filter& filter) override {
    auto reused = db_.has_value();
    try {
      return try_jobs(filter);
    } catch (const store_error& e) {
      if (!reused || !e.lost())
        throw;
    }
    return try_jobs(filter);
  }

private:
  std::vector<job_record> try_jobs(const job_filter& filter) {
    return guarded([&] {
      try {
        if (!db_)
          backend_->open_reading(db_.emplace());
        return read_jobs(*db_, filter);
      } catch (...) {
        db_.reset();
        throw;
      }
    });
  }

  std::shared_ptr<backend> backend_;
  std::optional<soci::session> db_;
};

} // namespace

// In the order of arrival, which the primary key gives for nothing. A sync job
// arrives when it has run for some milliseconds or ended, so that times may be
// that much out of order, and are sorted out here.
std::vector<job_record> read_jobs(soci::session& db, const job_filter& filter) {
  auto found = read_page(db, filter);
  std::stable_sort(found.begin(), found.end(), [](auto& x, auto& y) {
    return x.start_time > y.start_time;
  });
  return found;
}

std::vector<job_record> read_live_jobs(soci::session& db) {
  auto found = read((db.prepare << begin_page << live << with_places));
  std::reverse(found.begin(), found.end());
  std::stable_sort(found.begin(), found.end(), [](auto& x, auto& y) {
    return x.start_time < y.start_time;
  });
  return found;
}

std::unique_ptr<store_reader> soci_store::open_reader() {
  if (!backend_->can_read_beside())
    return nullptr;
  return std::make_unique<soci_reader>(backend_);
}

} // namespace hearth
