/// The store over SOCI. Others use store.hpp; this header is for tests that
/// need the connection.
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
  void set_lock_wait(std::chrono::milliseconds x) override;
  std::unique_ptr<store_reader> open_reader() override;

  bool can_lose_lazy() const override {
    return backend_->can_lose_lazy();
  }

  void transaction(durability how,
                   const std::function<void()>& writes) override;
  void put(const context_record& x) override;
  void insert(const job_record& x) override;
  void update(const job_update& x) override;
  void put(const job_note& x) override;
  void put(const context_note& x) override;
  void enqueue(const queue_entry& x) override;
  void withdraw(const std::string& job) override;
  void dequeue(const std::string& job) override;
  key_claim claim(const key_claim& x) override;
  void erase_key(const std::string& key) override;
  void erase_keys(millis before) override;
  void put(const binary_record& x) override;
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

  /// The connection, e.g. to make the database full.
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
  void try_commit(durability how, const std::function<void()>& writes);
  void commit(durability how, const std::function<void()>& writes);
  void set_durability(durability how);
  void check_writing() const;
  void clean(problem& x) const;

  /// The entries of a history in the table, of the row with that number.
  std::vector<history_entry> entries(const char* query, std::int64_t owner,
                                     const char* (*name)(int));

  /// The job in `hot_` gets the state that is bound there, if it may.
  void mark_sent(const std::string& job);
  void move_on(job_state to);

  std::shared_ptr<backend> backend_;
  soci::session db_;
  std::unique_ptr<hot_statements> hot_; ///< null: to be prepared anew
  std::chrono::milliseconds lock_wait_{5000};
  std::string broken_; ///< why only a `reconnect` helps; "": all is well
  durability durability_ = durability::flushed;
  bool lazy_before_ = false; ///< since the last flushed transaction
  bool writing_ = false;
  /// When the first of the oldest jobs ended, at the last look in vain for
  /// jobs to be forgotten; what ends later is due later.
  millis soonest_end_ = 0;
};

} // namespace hearth
