#include <filesystem>

#include <doctest/doctest.h>

#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "store/soci_store.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// Counts transactions of a real store, and fails them on demand. One that can
/// lose lazy transactions has, after a `reconnect`, those alone that were
/// committed by the last flushed one.
class watched_store : public store {
public:
  struct log {
    std::vector<durability> transactions;
    bool fail = false;
    bool full = false;
    bool lost = false;
    bool locked = false;
    int attempts = 0;         ///< transactions, also those that failed
    bool lose_answer = false; ///< the next commit takes place, unseen
    int reconnects = 0;       ///< also those that failed
    std::size_t forgotten_at_once = 0;
    bool can_lose_lazy = false;
    std::string refused; ///< steps of histories with that text fail
  };

  explicit watched_store(std::shared_ptr<log> l) : log_(std::move(l)) {
    if (!can_lose_lazy())
      return;
    std::filesystem::create_directory(folder_);
    open();
    flush();
  }

  ~watched_store() override {
    real_.reset();
    std::filesystem::remove_all(folder_);
  }

  bool can_lose_lazy() const override {
    return log_->can_lose_lazy;
  }

  void transaction(durability how,
                   const std::function<void()>& writes) override {
    ++log_->attempts;
    if (log_->locked)
      throw store_error("locked", store_trouble::locked);
    if (log_->fail || log_->lost)
      throw store_error("disk trouble", log_->lost   ? store_trouble::lost
                                        : log_->full ? store_trouble::full
                                                     : store_trouble::refused);
    log_->transactions.push_back(how);
    real_->transaction(how, writes);
    if (can_lose_lazy() && how == durability::flushed)
      flush();
    if (std::exchange(log_->lose_answer, false))
      throw store_error("disk trouble", store_trouble::lost);
  }

  void reconnect() override {
    ++log_->reconnects;
    if (log_->lost)
      throw store_error("still away", store_trouble::lost);
    if (can_lose_lazy())
      open();
  }

  void put(const context_record& x) override {
    real_->put(x);
  }
  void insert(const job_record& x) override {
    if (x.id.starts_with("bad"))
      throw store_error("that job");
    real_->insert(x);
  }
  void update(const job_update& x) override {
    real_->update(x);
  }
  void put(const job_note& x) override {
    if (x.text == log_->refused)
      throw store_error("that step");
    real_->put(x);
  }
  void put(const context_note& x) override {
    real_->put(x);
  }
  void enqueue(const queue_entry& x) override {
    real_->enqueue(x);
  }
  void withdraw(const std::string& job) override {
    real_->withdraw(job);
  }
  void dequeue(const std::string& job) override {
    real_->dequeue(job);
  }
  key_claim claim(const key_claim& x) override {
    return real_->claim(x);
  }
  void erase_key(const std::string& key) override {
    real_->erase_key(key);
  }
  void erase_keys(millis before) override {
    real_->erase_keys(before);
  }
  std::optional<state_history> job_history(const std::string& id) override {
    return real_->job_history(id);
  }
  std::optional<state_history>
  context_history(const std::string& name) override {
    return real_->context_history(name);
  }
  std::vector<queue_entry> queued_jobs() override {
    return real_->queued_jobs();
  }
  void put(const binary_record& x) override {
    real_->put(x);
  }
  void erase_binary(const std::string& name) override {
    real_->erase_binary(name);
  }
  std::vector<std::string> erase_jobs(const expiry& due,
                                      std::int32_t limit) override {
    auto result = real_->erase_jobs(due, limit);
    log_->forgotten_at_once = std::max(log_->forgotten_at_once, result.size());
    return result;
  }
  std::vector<std::string> erase_contexts(const expiry& due,
                                          std::int32_t limit) override {
    return real_->erase_contexts(due, limit);
  }
  std::optional<context_record>
  context_by_name(const std::string& name) override {
    return real_->context_by_name(name);
  }
  std::vector<context_record> live_contexts() override {
    return real_->live_contexts();
  }
  std::vector<job_record> live_jobs() override {
    return real_->live_jobs();
  }
  std::optional<job_record> job(const std::string& id) override {
    return real_->job(id);
  }
  std::optional<std::string> job_config(const std::string& id) override {
    return real_->job_config(id);
  }
  std::vector<job_record> jobs(const job_filter& filter) override {
    return real_->jobs(filter);
  }
  std::vector<binary_record> binaries() override {
    return real_->binaries();
  }

private:
  void open() {
    auto file = folder_ / (std::to_string(++opened_) + ".db");
    if (opened_ > 1)
      std::filesystem::copy(folder_ / "flushed.db", file);
    real_ = std::make_unique<soci_store>(make_sqlite_backend(file.string()));
  }

  void flush() {
    auto file = folder_ / "flushed.db";
    std::filesystem::remove(file);
    auto& db = static_cast<soci_store&>(*real_).connection();
    db << "VACUUM INTO '" << file.string() << "'";
  }

  std::shared_ptr<log> log_;
  std::unique_ptr<store> real_ = open_store("sqlite::memory:");
  std::filesystem::path folder_
    = std::filesystem::temp_directory_path() / ("hearth-" + make_uuid());
  int opened_ = 0;
};

struct store_fixture : fixture {
  explicit store_fixture(conf::flush_policy policy
                         = conf::flush_policy::promised,
                         conf::retention_settings retain = {},
                         bool can_lose_lazy = false) {
    seen->can_lose_lazy = can_lose_lazy;
    shared = std::make_shared<watched_store>(seen);
    watched = sys.spawn(store_behavior, shared,
                        store_spec{policy, retain, [this](auto& ids) {
                                     forgotten.insert(forgotten.end(),
                                                      ids.begin(), ids.end());
                                   }});
    run();
    seen->transactions.clear();
  }

  ~store_fixture() {
    caf::anon_send_exit(watched, caf::exit_reason::user_shutdown);
    sched.run();
  }

  static job_record job(const std::string& id) {
    job_record x;
    x.id = id;
    x.config = "{}";
    return x;
  }

  void insert(const std::string& id, durability how) {
    caf::anon_send(watched, atom::insert_v, job(id), how);
  }

  void end(const std::string& id, millis time) {
    job_update x;
    x.id = id;
    x.state = job_state::finished;
    x.end_time = time;
    caf::anon_send(watched, atom::update_v, x, durability::lazy);
  }

  void note(const char* text) {
    caf::anon_send(watched, atom::put_v,
                   job_note{"a", 5, job_state::started, text});
    run();
  }

  /// The texts of the history of job "a".
  std::string notes() {
    auto told = ask<state_history>(watched, atom::history_v, atom::by_id_v,
                                   std::string{"a"});
    REQUIRE(told->value.has_value());
    return texts_of(*told->value);
  }

  static std::string texts_of(const state_history& x) {
    std::string texts;
    for (auto& entry : x.entries)
      texts += entry.text + "|";
    return texts;
  }

  /// The actor ends. @returns the texts of the history of job "a" after that
  std::string notes_after_end() {
    caf::anon_send_exit(watched, caf::exit_reason::user_shutdown);
    run();
    return texts_of(*shared->job_history("a"));
  }

  bool has(const std::string& id) {
    return ask<job_record>(watched, atom::get_v, atom::by_id_v, id)
      ->value.has_value();
  }

  ec insert_fails(const job_record& x, durability how = durability::flushed) {
    return ask<atom::ok>(watched, atom::insert_v, x, how)->code();
  }

  bool insert_works(const job_record& x, durability how = durability::flushed) {
    return ask<atom::ok>(watched, atom::insert_v, x, how)->value.has_value();
  }

  static job_record ended(const std::string& id) {
    auto x = job(id);
    x.state = job_state::finished;
    x.end_time = now_ms();
    return x;
  }

  /// The database dies, which is noticed, and is back.
  void kill() {
    seen->lost = true;
    CHECK(insert_fails(ended("noticed")) == ec::outcome_unknown);
    seen->lost = false;
    pass(5s);
  }

  std::shared_ptr<watched_store::log> seen
    = std::make_shared<watched_store::log>();
  std::shared_ptr<hearth::store> shared;
  std::vector<std::string> forgotten; ///< ids of jobs, as they went
  store_actor watched;
};

struct always_flushed : store_fixture {
  always_flushed() : store_fixture(conf::flush_policy::always) {}
};

struct never_flushed : store_fixture {
  never_flushed() : store_fixture(conf::flush_policy::never) {}
};

struct ten_kept : store_fixture {
  ten_kept() : store_fixture(conf::flush_policy::promised, {1h, 10}) {}
};

struct mortal : store_fixture {
  explicit mortal(conf::flush_policy policy = conf::flush_policy::promised,
                  conf::retention_settings retain = {})
    : store_fixture(policy, retain, true) {}
};

struct mortal_never_flushed : mortal {
  mortal_never_flushed() : mortal(conf::flush_policy::never) {}
};

struct mortal_ten_kept : mortal {
  mortal_ten_kept() : mortal(conf::flush_policy::promised, {1h, 10}) {}
};

} // namespace

TEST_CASE_FIXTURE(store_fixture, "writes that wait together are one "
                                 "transaction") {
  for (auto id : {"a", "b", "c"})
    insert(id, durability::lazy);
  run();
  CHECK(seen->transactions == std::vector{durability::lazy});
}

TEST_CASE_FIXTURE(store_fixture, "one write that is promised flushes its "
                                 "batch") {
  insert("a", durability::lazy);
  insert("b", durability::flushed);
  run();
  CHECK(seen->transactions == std::vector{durability::flushed});
  insert("c", durability::lazy);
  run();
  CHECK(seen->transactions.back() == durability::lazy);
}

TEST_CASE_FIXTURE(always_flushed, "the policy can be to flush always") {
  insert("a", durability::lazy);
  run();
  CHECK(seen->transactions == std::vector{durability::flushed});
}

TEST_CASE_FIXTURE(never_flushed, "the policy can be to flush never") {
  insert("a", durability::flushed);
  run();
  CHECK(seen->transactions == std::vector{durability::lazy});
}

TEST_CASE_FIXTURE(store_fixture, "a read sees what was written before it") {
  insert("a", durability::lazy);
  auto found
    = ask<job_record>(watched, atom::get_v, atom::by_id_v, std::string{"a"});
  CHECK(found->value.has_value());
}

TEST_CASE_FIXTURE(store_fixture, "a failure answers each write of its batch, "
                                 "and the next ones work") {
  seen->fail = true;
  auto failed
    = ask<atom::ok>(watched, atom::insert_v, job("a"), durability::lazy);
  CHECK(failed->code() == ec::store_failed);
  seen->full = true;
  failed = ask<atom::ok>(watched, atom::insert_v, job("a"), durability::lazy);
  CHECK(failed->code() == ec::storage_full);
  seen->fail = false;
  CHECK(ask<atom::ok>(watched, atom::insert_v, job("a"), durability::lazy)
          ->value.has_value());
}

TEST_CASE_FIXTURE(ten_kept, "as jobs come, the oldest ended ones go in small "
                            "steps, and who keeps more of them is told") {
  for (int i = 0; i < 2000; ++i) {
    auto id = "j" + std::to_string(i);
    insert(id, durability::lazy);
    if (i != 7)
      end(id, now_ms());
    if (i % 100 == 0)
      run();
  }
  run();
  pass(1min);
  CHECK(forgotten.size() == 1989);
  CHECK(forgotten.front() == "j0");
  CHECK(forgotten.back() == "j1989");
  CHECK(seen->forgotten_at_once <= 512);
  auto left = ask<std::vector<job_record>>(watched, atom::list_v,
                                           job_filter{-1, false, {}});
  REQUIRE(left->value.has_value());
  CHECK(left->value->size() == 11);
}

TEST_CASE_FIXTURE(ten_kept, "ended jobs go when their time is over") {
  insert("old", durability::lazy);
  end("old", now_ms() - 2 * 3'600'000);
  insert("young", durability::lazy);
  end("young", now_ms());
  run();
  CHECK(forgotten.empty());
  pass(1min);
  CHECK(forgotten == std::vector<std::string>{"old"});
}

TEST_CASE_FIXTURE(ten_kept, "forgetting that fails is tried again") {
  insert("old", durability::lazy);
  end("old", 1);
  run();
  seen->fail = true;
  pass(1min);
  CHECK(forgotten.empty());
  seen->fail = false;
  pass(1min);
  CHECK(forgotten == std::vector<std::string>{"old"});
}

TEST_CASE_FIXTURE(store_fixture, "while the database is away requests fail at "
                                 "once, and the store finds back by itself") {
  seen->lost = true;
  auto write = [&](const std::string& id) {
    return ask<atom::ok>(watched, atom::insert_v, job(id), durability::lazy);
  };
  CHECK(write("a")->code() == ec::outcome_unknown);
  auto attempts = seen->attempts;
  CHECK(write("b")->code() == ec::store_failed);
  CHECK(ask<job_record>(watched, atom::get_v, atom::by_id_v, std::string{"a"})
          ->code()
        == ec::store_failed);
  CHECK(seen->attempts == attempts);
  for (int i = 0; i < 20; ++i)
    pass(5s);
  CHECK(seen->reconnects > 5);
  CHECK(seen->attempts == attempts);
  seen->lost = false;
  pass(5s);
  auto reconnects = seen->reconnects;
  CHECK(write("c")->value.has_value());
  pass(60s);
  CHECK(seen->reconnects == reconnects);
}

TEST_CASE_FIXTURE(store_fixture, "what nobody waits for is written when the "
                                 "database is back") {
  insert("a", durability::lazy);
  run();
  seen->lost = true;
  note("first"); // in the batch that fails
  note("second");
  seen->lost = false;
  pass(5s);
  seen->fail = seen->full = true;
  note("third");
  seen->fail = false;
  note("fourth");
  CHECK(notes() == "|first|second|third|fourth|");
}

TEST_CASE_FIXTURE(store_fixture, "of what was kept, what can never be written "
                                 "does not keep back the rest") {
  insert("a", durability::lazy);
  run();
  seen->lost = true;
  note("first");
  note("bad");
  note("third");
  seen->refused = "bad";
  seen->lost = false;
  pass(5s);
  CHECK(notes() == "|first|third|");
}

TEST_CASE_FIXTURE(store_fixture, "a job is not there whose client was told "
                                 "that it could not be stored") {
  seen->lose_answer = true;
  auto failed
    = ask<atom::ok>(watched, atom::insert_v, job("a"), durability::flushed);
  CHECK(failed->code() == ec::outcome_unknown);
  pass(5s);
  auto found
    = ask<job_record>(watched, atom::get_v, atom::by_id_v, std::string{"a"});
  CHECK(found->code() == ec::job_not_found);
}

TEST_CASE_FIXTURE(store_fixture, "a job stays whose end was inserted too, "
                                 "however that is lost") {
  for (auto unseen : {false, true}) {
    auto id = unseen ? "b" : "a";
    REQUIRE(insert_works(job(id)));
    seen->lost = !unseen;
    seen->lose_answer = unseen;
    CHECK(insert_fails(ended(id)) == ec::outcome_unknown);
    seen->lost = false;
    pass(5s);
    CHECK(has(id));
    end(id, now_ms());
    CHECK(has(id));
  }
}

TEST_CASE_FIXTURE(store_fixture, "what is kept is written before anything "
                                 "newer") {
  seen->lose_answer = true;
  CHECK(insert_fails(job("a")) == ec::outcome_unknown);
  // The database is back, but cannot forget the job yet.
  seen->fail = seen->full = true;
  pass(5s);
  CHECK(insert_fails(job("a")) == ec::store_failed);
  seen->fail = seen->full = false;
  pass(5s);
  CHECK(insert_works(job("a")));
  insert("b", durability::lazy);
  CHECK(has("b"));
  CHECK(has("a"));
}

TEST_CASE_FIXTURE(store_fixture, "a key that was given back is free before it "
                                 "is taken anew") {
  auto take = [&](const char* subject) {
    auto found = ask<key_claim>(watched, atom::put_v,
                                key_claim{"k", "d", subject, now_ms()});
    return found->value.has_value() ? found->value->subject : "";
  };
  CHECK(take("a") == "a");
  seen->fail = seen->full = true;
  caf::anon_send(watched, atom::forget_key_v, std::string{"k"});
  run();
  seen->fail = seen->full = false;
  CHECK(take("b") == "b");
  insert("c", durability::lazy);
  run();
  CHECK(take("c") == "b");
}

TEST_CASE_FIXTURE(store_fixture,
                  "a loss that is noticed twice is mended once") {
  seen->lost = true;
  insert("a", durability::lazy);
  caf::anon_send(watched, atom::forget_v);
  run();
  seen->lost = false;
  auto before = seen->reconnects;
  pass(10s);
  CHECK(seen->reconnects == before + 1);
}

TEST_CASE_FIXTURE(mortal, "a database that dies has again what it had "
                          "committed lazily") {
  REQUIRE(insert_works(job("a"), durability::lazy));
  note("waits");
  end("a", now_ms());
  REQUIRE(insert_works(ended("b"), durability::lazy));
  kill();
  CHECK(notes() == "|waits||");
  CHECK(has("b"));
  kill();
  CHECK(notes() == "|waits||");
}

TEST_CASE_FIXTURE(mortal, "a database that dies while it gets back what it had "
                          "gets it the next time") {
  REQUIRE(insert_works(job("a"), durability::lazy));
  seen->lost = true;
  note("kept");
  seen->lost = false;
  seen->fail = seen->full = true;
  pass(5s);
  CHECK_FALSE(has("a"));
  seen->fail = seen->full = false;
  pass(5s);
  CHECK(notes() == "|kept|");
}

TEST_CASE_FIXTURE(mortal, "what a database has flushed it gets no second "
                          "time") {
  insert("a", durability::lazy);
  run();
  REQUIRE(insert_works(job("b")));
  seen->transactions.clear();
  kill();
  CHECK(seen->transactions.empty());
  CHECK(has("a"));
  insert("c", durability::lazy);
  run();
  auto found
    = ask<key_claim>(watched, atom::put_v, key_claim{"k", "d", "a", now_ms()});
  REQUIRE(found->value.has_value());
  seen->transactions.clear();
  kill();
  CHECK(seen->transactions.empty());
  CHECK(has("c"));
}

TEST_CASE_FIXTURE(mortal, "a flush comes before too much could be lost") {
  for (int i = 0; i < 5000; ++i) {
    insert("j" + std::to_string(i), durability::lazy);
    if (i % 10 == 0)
      run();
  }
  run();
  auto& all = seen->transactions;
  CHECK(std::count(all.begin(), all.end(), durability::flushed) > 0);
  kill();
  for (auto id : {"j0", "j4095", "j4999"})
    CHECK(has(id));
}

TEST_CASE_FIXTURE(mortal_never_flushed, "if nothing is ever flushed, only the "
                                        "newest is not lost") {
  for (int i = 0; i < 5000; ++i) {
    insert("j" + std::to_string(i), durability::flushed);
    if (i % 10 == 0)
      run();
  }
  run();
  kill();
  CHECK(has("j4999"));
  CHECK_FALSE(has("j0"));
}

TEST_CASE_FIXTURE(mortal_ten_kept, "what was forgotten does not come back") {
  for (int i = 0; i < 20; ++i) {
    auto id = "j" + std::to_string(i);
    insert(id, durability::lazy);
    end(id, now_ms());
  }
  run();
  pass(1min);
  CHECK(forgotten.size() == 10);
  kill();
  CHECK_FALSE(has("j0"));
  CHECK(has("j19"));
}

TEST_CASE_FIXTURE(store_fixture, "of a batch, what cannot be written fails "
                                 "alone") {
  auto insert_later = [&](const std::string& id) {
    return begin_ask<atom::ok>(watched, atom::insert_v, job(id),
                               durability::flushed);
  };
  std::vector<decltype(insert_later("a"))> answers;
  for (auto id : {"a", "bad1", "c", "d", "bad2", "f", "g"})
    answers.push_back(insert_later(id));
  run();
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (i == 1 || i == 4)
      CHECK(answers[i]->code() == ec::store_failed);
    else
      CHECK(answers[i]->value.has_value());
  for (auto id : {"a", "c", "d", "f", "g"})
    CHECK(has(id));
}

TEST_CASE_FIXTURE(store_fixture, "a batch is bounded in bytes") {
  auto large = job("");
  large.config = "{\"x\":\"" + std::string(1 << 20, 'x') + "\"}";
  for (auto i = 0; i < 16; ++i) {
    large.id = "j" + std::to_string(i);
    caf::anon_send(watched, atom::insert_v, large, durability::flushed);
  }
  run();
  CHECK(seen->transactions.size() >= 4);
  CHECK(seen->transactions.size() < 16);
  CHECK(has("j15"));
}

TEST_CASE_FIXTURE(store_fixture, "reads see the writes before them, and split "
                                 "no batch") {
  std::vector<std::shared_ptr<answer<atom::ok>>> written;
  std::vector<std::shared_ptr<answer<std::vector<job_record>>>> lists;
  std::vector<std::shared_ptr<answer<job_record>>> found;
  for (std::string id : {"a", "b", "c", "d"}) {
    written.push_back(begin_ask<atom::ok>(watched, atom::insert_v, job(id),
                                          durability::flushed));
    lists.push_back(
      begin_ask<std::vector<job_record>>(watched, atom::list_v, job_filter{}));
    found.push_back(
      begin_ask<job_record>(watched, atom::get_v, atom::by_id_v, id));
  }
  run();
  CHECK(seen->transactions.size() == 1);
  for (std::size_t i = 0; i < written.size(); ++i) {
    CHECK(written[i]->value.has_value());
    CHECK(found[i]->value.has_value());
    REQUIRE(lists[i]->value.has_value());
    CHECK(lists[i]->value->size() > i);
  }
}

TEST_CASE_FIXTURE(store_fixture, "a read that waits for a commit is refused "
                                 "when that loses the database") {
  seen->lost = true;
  auto write = begin_ask<atom::ok>(watched, atom::insert_v, job("a"),
                                   durability::flushed);
  auto list
    = begin_ask<std::vector<job_record>>(watched, atom::list_v, job_filter{});
  run();
  CHECK(write->code() == ec::outcome_unknown);
  CHECK(list->code() == ec::store_failed);
}

TEST_CASE_FIXTURE(store_fixture, "a write waits while another process holds "
                                 "the database, and is made once it is free") {
  seen->locked = true;
  auto waits = begin_ask<atom::ok>(watched, atom::insert_v, job("a"),
                                   durability::flushed);
  run();
  pass(4s);
  CHECK(waits->pending());
  CHECK_FALSE(has("a"));
  seen->locked = false;
  pass(20ms);
  CHECK(waits->value.has_value());
  CHECK(has("a"));
}

TEST_CASE_FIXTURE(store_fixture, "a write that has waited for a locked "
                                 "database for too long is refused and not "
                                 "made") {
  REQUIRE(insert_works(job("before")));
  seen->locked = true;
  auto first = begin_ask<atom::ok>(watched, atom::insert_v, job("a"),
                                   durability::flushed);
  run();
  pass(3s);
  auto second = begin_ask<key_claim>(watched, atom::put_v,
                                     key_claim{"k", "d", "s", now_ms()});
  note("kept");
  // Reads go on meanwhile, and the claim that nobody was told of is not there.
  CHECK(has("before"));
  pass(2s);
  CHECK(first->code() == ec::store_failed);
  CHECK(second->pending());
  pass(3s);
  CHECK(second->code() == ec::store_failed);
  // It lasts, and new requests have their own time.
  auto third = begin_ask<atom::ok>(watched, atom::insert_v, job("c"),
                                   durability::flushed);
  run();
  pass(4s);
  seen->locked = false;
  pass(20ms);
  CHECK(third->value.has_value());
  CHECK_FALSE(has("a"));
  auto claimed
    = ask<key_claim>(watched, atom::put_v, key_claim{"k", "d", "t", now_ms()});
  REQUIRE(claimed->value.has_value());
  CHECK(claimed->value->subject == "t");
}

TEST_CASE_FIXTURE(store_fixture, "a step of a history that waited for a locked "
                                 "database for too long is written later") {
  REQUIRE(insert_works(job("a")));
  seen->locked = true;
  note("waited");
  pass(10s);
  seen->locked = false;
  pass(20ms);
  CHECK(notes() == "|waited|");
}

TEST_CASE_FIXTURE(store_fixture, "attempts at a locked database do not pile "
                                 "up, whatever is asked meanwhile") {
  seen->locked = true;
  auto begin = seen->attempts;
  std::vector<std::shared_ptr<void>> waiting;
  for (auto i = 0; i < 100; ++i) {
    waiting.push_back(begin_ask<atom::ok>(watched, atom::insert_v,
                                          job("j" + std::to_string(i)),
                                          durability::flushed));
    run();
    CHECK_FALSE(has("a"));
  }
  auto before = seen->attempts;
  CHECK(before - begin <= 2);
  for (auto i = 0; i < 50; ++i)
    pass(20ms);
  CHECK(seen->attempts - before <= 100);
}

TEST_CASE_FIXTURE(store_fixture, "only so much waits for a locked database") {
  seen->locked = true;
  for (auto i = 0; i < 10'000; ++i)
    insert("j" + std::to_string(i), durability::flushed);
  run();
  CHECK(insert_fails(job("a")) == ec::store_failed);
  seen->locked = false;
  pass(20ms);
  CHECK(has("j9999"));
  CHECK_FALSE(has("a"));
}

TEST_CASE_FIXTURE(store_fixture, "what waits at the end of the store is "
                                 "committed if it can be") {
  seen->locked = true;
  auto waits = begin_ask<atom::ok>(watched, atom::insert_v, job("a"),
                                   durability::flushed);
  run();
  seen->locked = false;
  caf::anon_send_exit(watched, caf::exit_reason::user_shutdown);
  run();
  CHECK(waits->value.has_value());
}

TEST_CASE_FIXTURE(store_fixture, "what nobody waits for is not lost with the "
                                 "store, whatever kept it from the database") {
  REQUIRE(insert_works(job("a")));
  SUBCASE("the database is back, and nobody has noticed") {
    seen->lost = true;
    note("first");
    note("second");
    seen->lost = false;
    CHECK(notes_after_end() == "|first|second|");
  }
  SUBCASE("the disk was full") {
    seen->fail = seen->full = true;
    note("first");
    note("second");
    seen->fail = seen->full = false;
    CHECK(notes_after_end() == "|first|second|");
  }
  SUBCASE("another process has held the database for too long") {
    seen->locked = true;
    note("first");
    pass(10s);
    note("second");
    seen->locked = false;
    CHECK(notes_after_end() == "|first|second|");
  }
  SUBCASE("it is away for good") {
    seen->lost = true;
    note("first");
    CHECK(notes_after_end() == "|");
    CHECK(seen->reconnects == 1);
  }
}

TEST_CASE_FIXTURE(store_fixture, "a job that leaves the queue while too much "
                                 "waits for a locked database has left it") {
  seen->locked = true;
  queue_entry entry;
  entry.job = "a";
  caf::anon_send(watched, atom::insert_v, job("a"), entry);
  for (auto i = 0; i < 10'000; ++i)
    insert("j" + std::to_string(i), durability::flushed);
  caf::anon_send(watched, atom::dequeue_v, std::string{"a"});
  run();
  seen->locked = false;
  pass(20ms);
  REQUIRE(has("a"));
  REQUIRE(has("j9998"));
  CHECK(shared->queued_jobs().empty());
}

TEST_CASE_FIXTURE(store_fixture, "however much waits for a locked database "
                                 "that nobody waits for, it stays in order") {
  REQUIRE(insert_works(job("a")));
  seen->locked = true;
  note("first");
  for (auto i = 0; i < 20'010; ++i)
    caf::anon_send(watched, atom::dequeue_v, std::string{"a"});
  note("last");
  seen->locked = false;
  pass(20ms);
  CHECK(notes() == "|first|last|");
}

TEST_CASE_FIXTURE(store_fixture, "a failure tells whether something may be "
                                 "stored all the same") {
  seen->lose_answer = true;
  CHECK(insert_fails(job("a")) == ec::outcome_unknown);
  seen->lost = true;
  CHECK(insert_fails(job("b")) == ec::store_failed);
  pass(5s);
  seen->lost = false;
  pass(5s);
  seen->fail = true;
  CHECK(insert_fails(job("c")) == ec::store_failed);
}

TEST_CASE_FIXTURE(store_fixture, "a store that is lost says so") {
  auto state = [&] {
    auto lines
      = ask<std::vector<actor_status>>(watched, atom::status_v)->value.value();
    return lines.front().state;
  };
  CHECK(state() == "open");
  seen->lost = true;
  insert_fails(job("a"));
  CHECK(state() == status_lost);
  seen->lost = false;
  pass(5s);
  CHECK(state() == "open");
}
