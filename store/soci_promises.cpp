// The promises of the server to its clients: jobs that wait for a slot, and the
// keys by which a repeated request is recognised.
#include "store/soci_store.hpp"

namespace hearth {

using soci::into;
using soci::use;

void soci_store::enqueue(const queue_entry& from) {
  check_writing();
  auto x = from;
  for (auto* text : {&x.request, &x.callback_url})
    backend_->clean(*text);
  auto sent = x.sent ? 1 : 0;
  guarded([&] {
    db_ << "INSERT INTO job_queue (seq, context_id, priority, deadline,"
           " request, callback_url, sent) SELECT seq, :context, :priority,"
           " :deadline, :request, :url, :sent FROM jobs WHERE id = :id"
           " AND state < 4"
           " ON CONFLICT (seq) DO NOTHING",
      use(x.context_id), use(x.priority), use(x.deadline), use(x.request),
      use(x.callback_url), use(sent), use(x.job);
  });
}

void soci_store::mark_sent(const std::string& job) {
  db_ << "UPDATE job_queue SET sent = 1 WHERE seq ="
         " (SELECT seq FROM jobs WHERE id = :id)",
    use(job);
}

void soci_store::dequeue(const std::string& job) {
  check_writing();
  guarded([&] {
    db_ << "DELETE FROM job_queue WHERE seq ="
           " (SELECT seq FROM jobs WHERE id = :id)",
      use(job);
  });
}

std::vector<queue_entry> soci_store::queued_jobs() {
  return guarded([&] {
    queue_entry row;
    auto sent = 0;
    soci::statement query
      = (db_.prepare << "SELECT j.id, q.context_id, q.priority, q.deadline,"
                        " q.request, q.callback_url, q.sent FROM job_queue q"
                        " JOIN jobs j ON j.seq = q.seq",
         into(row.job), into(row.context_id), into(row.priority),
         into(row.deadline), into(row.request), into(row.callback_url),
         into(sent));
    std::vector<queue_entry> result;
    query.execute();
    while (query.fetch()) {
      row.sent = sent != 0;
      result.push_back(row);
    }
    return result;
  });
}

key_claim soci_store::claim(const key_claim& x) {
  check_writing();
  return guarded([&] {
    db_ << "INSERT INTO idempotency_keys (name, digest, subject, time)"
           " VALUES (:name, :digest, :subject, :time)"
           " ON CONFLICT (name) DO NOTHING",
      use(x.key), use(x.digest), use(x.subject), use(x.time);
    key_claim found{x.key, {}, {}, 0};
    db_ << "SELECT digest, subject, time FROM idempotency_keys"
           " WHERE name = :name",
      use(x.key), into(found.digest), into(found.subject), into(found.time);
    return found;
  });
}

void soci_store::erase_key(const std::string& key) {
  check_writing();
  guarded([&] {
    db_ << "DELETE FROM idempotency_keys WHERE name = :name", use(key);
  });
}

void soci_store::erase_keys(millis before) {
  check_writing();
  guarded([&] {
    db_ << "DELETE FROM idempotency_keys WHERE time < :time", use(before);
  });
}

} // namespace hearth
