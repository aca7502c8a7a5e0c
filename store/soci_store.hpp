/// The implementation of `store` for all databases, with the library SOCI.
/// Other code includes store.hpp; this header is for tests that need the
/// connection.
#pragma once

#include <memory>
#include <string>

#include <soci/soci.h>

#include "store/backend.hpp"
#include "store/store.hpp"

namespace hearth {

class soci_store : public store {
public:
  explicit soci_store(std::shared_ptr<backend> database);

  ~soci_store() override;

  void reconnect() override;
  void set_lock_wait(std::chrono::milliseconds wait) override;
  std::unique_ptr<store_reader> open_reader() override;

  bool can_lose_lazy() const override {
    return backend_->can_lose_lazy();
  }

  void transaction(durability level,
                   const std::function<void()>& writes) override;
  void put(const context_record& context) override;
  void insert(const job_record& job) override;
  void update(const job_update& change) override;
  void put(const job_note& step) override;
  void put(const context_note& step) override;
  void enqueue(const queue_entry& entry) override;
  void withdraw(const std::string& job) override;
  void dequeue(const std::string& job) override;
  key_claim claim(const key_claim& wanted) override;
  void erase_key(const std::string& key) override;
  void erase_keys(millis before) override;
  void put(const binary_record& version) override;
  void erase_binary(const std::string& name) override;
  std::vector<std::string> erase_jobs(const expiry& due,
                                      std::int32_t limit) override;
  std::vector<std::string> erase_contexts(const expiry& due,
                                          std::int32_t limit) override;
  std::optional<context_record>
  context_by_name(const std::string& name) override;
  std::vector<context_record> live_contexts() override;
  std::vector<job_record> live_jobs() override;
  std::optional<job_record> job(const std::string& id) override;
  std::optional<state_history> job_history(const std::string& id) override;
  std::optional<state_history>
  context_history(const std::string& name) override;
  std::vector<queue_entry> queued_jobs() override;
  std::optional<std::string> job_config(const std::string& id) override;
  std::vector<job_record> jobs(const job_filter& filter) override;
  std::vector<binary_record> binaries() override;

  /// Returns the connection, so that tests can e.g. limit the database's size.
  soci::session& connection() {
    return db_;
  }

private:
  struct hot_statements;

  void open();
  void prepare();
  void begin();
  void roll_back();
  void tidy();
  void try_commit(durability level, const std::function<void()>& writes);
  void commit(durability level, const std::function<void()>& writes);
  void set_durability(durability level);
  void check_writing() const;
  void clean(problem& x) const;

  /// Reads the history that belongs to the row with the number `owner`.
  std::vector<history_entry> entries(const char* query, std::int64_t owner,
                                     const char* (*name)(int));

  void mark_sent(const std::string& job);
  /// Moves the job that is bound in `hot_` to that state, if its present state
  /// allows it.
  void move_on(job_state to);

  std::shared_ptr<backend> backend_;
  soci::session db_;
  std::unique_ptr<hot_statements> hot_; ///< null until they are prepared
  std::chrono::milliseconds lock_wait_{5000};
  std::string broken_; ///< why only a `reconnect` helps; "": nothing is wrong
  durability durability_ = durability::flushed;
  /// Whether there was a lazy transaction since the last flushed one.
  bool lazy_before_ = false;
  bool writing_ = false;
  /// The earliest end among the oldest jobs, when the last look for jobs to be
  /// forgotten found none. Nothing is due before that end is old enough.
  millis soonest_end_ = 0;
};

} // namespace hearth
