#include <doctest/doctest.h>

#include "store/store.hpp"
#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// `TIME STATE TEXT|` of each entry.
std::string told(const state_history& all) {
  std::string result;
  for (auto& x : all.entries)
    result += std::to_string(x.time) + " " + x.state + " " + x.text + "|";
  return result;
}

} // namespace

TEST_SUITE("histories") {
  TEST_CASE_FIXTURE(open_database, "a plain job's is told by its record") {
    insert(make_job("j1", 10));
    job_update run{"j1", job_state::running, 0, {}, {}, 0, 20};
    update(run);
    auto end = make_end("j1", job_state::finished, "1");
    end.run_time = 20;
    update(end);
    auto all = db->job_history("j1").value();
    CHECK(told(all) == "10 STARTED |20 RUNNING |99 FINISHED |");
    CHECK(all.state_version == 3);
    CHECK(db->job("j1")->state_version == 3);
    CHECK(since(*db->job("j1")) == 99);
    CHECK_FALSE(db->job_history("nope").has_value());
  }

  TEST_CASE_FIXTURE(open_database, "steps stand where they belong") {
    insert(make_job("j1", 10));
    write([&] {
      db->put(job_note{"j1", 12, job_state::started, "waits"});
      db->update({"j1", job_state::running, 0, {}, {}, 0, 20});
      db->put(job_note{"j1", 30, job_state::running, "asked"});
      db->put(job_note{"nope", 30, job_state::running, "lost"});
    });
    CHECK(told(db->job_history("j1").value())
          == "10 STARTED |12 STARTED waits|20 RUNNING |30 RUNNING asked|");
    CHECK(db->job("j1")->state_version == 4);
  }

  TEST_CASE_FIXTURE(open_database, "a step that is repeated is told once") {
    insert(make_job("j1", 10));
    for (int i = 0; i < 2; ++i)
      write([&] {
        db->put(job_note{"j1", 12, job_state::started, "waits"});
        db->put(job_note{"j1", 12, job_state::started, "sent"});
      });
    CHECK(told(db->job_history("j1").value())
          == "10 STARTED |12 STARTED waits|12 STARTED sent|");
  }

  TEST_CASE_FIXTURE(open_database, "a clock that jumps back moves no step") {
    insert(make_job("j1", 1000));
    write([&] {
      db->put(job_note{"j1", 12, job_state::started, "waits"});
      db->update({"j1", job_state::running, 0, {}, {}, 0, 11});
      db->put(job_note{"j1", 10, job_state::running, "asked"});
    });
    CHECK(told(db->job_history("j1").value())
          == "1000 STARTED |12 STARTED waits|11 RUNNING |10 RUNNING asked|");
  }

  TEST_CASE_FIXTURE(open_database, "only the newest steps are kept") {
    insert(make_job("j1", 10));
    put(make_context("c1", "ctx", 10));
    write([&] {
      for (int i = 1; i <= history_length + 5; ++i) {
        db->put(job_note{"j1", 20 + i, job_state::started, "x"});
        db->put(context_note{"c1", i, i, context_state::running, "x"});
      }
    });
    CHECK(db->job_history("j1")->entries.size() == history_length + 1);
    CHECK(db->job("j1")->state_version == history_length + 6);
    CHECK(db->context_history("ctx")->entries.size() == history_length);
    CHECK(db->context_by_name("ctx")->state_version == history_length + 5);
  }

  TEST_CASE_FIXTURE(open_database, "of a context each state is told once") {
    auto x = make_context("c1", "ctx", 10);
    auto become = [&](context_state state, millis time, const char* why) {
      x.state = state;
      x.since = time;
      x.reason.message = why;
      ++x.state_version;
      put(x);
      put(x);
    };
    become(context_state::started, 10, "");
    become(context_state::running, 20, "");
    write([&] {
      db->put(
        context_note{"c1", ++x.state_version, 25, context_state::running, "s"});
    });
    become(context_state::error, 30, "died");
    CHECK(told(db->context_history("ctx").value())
          == "10 STARTED |20 RUNNING |25 RUNNING s|30 ERROR died|");
    CHECK(db->context_by_name("ctx")->since == 30);
    CHECK(db->context_by_name("ctx")->state_version == 4);
  }

  TEST_CASE_FIXTURE(open_database, "a context's state never goes backwards") {
    using s = context_state;
    for (auto from : {s::started, s::running, s::stopping, s::restarting,
                      s::finished, s::killed, s::error})
      for (auto to : {s::started, s::running, s::stopping, s::restarting,
                      s::finished, s::killed, s::error}) {
        auto name = std::string{to_string(from)} + "-" + to_string(to);
        CAPTURE(name);
        put(make_context(name, name, 1, from));
        put(make_context(name, name, 1, to));
        CHECK(db->context_by_name(name)->state
              == (may_follow(from, to) ? to : from));
      }
    CHECK(may_follow(s::restarting, s::running));
    CHECK_FALSE(may_follow(s::running, s::started));
    CHECK_FALSE(may_follow(s::stopping, s::running));
    CHECK_FALSE(may_follow(s::finished, s::error));
  }

  TEST_CASE_FIXTURE(open_database, "they go with what they are about") {
    insert(make_job("j1", 10));
    insert(make_job("j2", 10));
    put(make_context("c1", "ctx", 10));
    write([&] {
      db->put(job_note{"j1", 12, job_state::started, "waits"});
      db->enqueue({"j1", "c1", 0, 0, "{}", ""});
      db->claim({"k", "d", "j1", 5});
      db->update(make_end("j1", job_state::error));
      db->put(make_context("c1", "ctx", 10, context_state::finished));
      CHECK(db->erase_jobs({100, 100}, 10).size() == 1);
      CHECK(db->erase_contexts({100, 100}, 10).size() == 1);
    });
    CHECK_FALSE(db->job_history("j1").has_value());
    CHECK_FALSE(db->context_history("ctx").has_value());
    CHECK(db->queued_jobs().empty());
    write([&] { CHECK(db->claim({"k", "e", "j2", 6}).subject == "j2"); });
  }
}

TEST_SUITE("promises") {
  TEST_CASE_FIXTURE(open_database, "queued jobs know their place") {
    for (auto id : {"a", "b", "c", "d", "other"})
      insert(make_job(id, 10));
    write([&] {
      db->enqueue({"a", "c1", 0, 0, "{}", ""});
      db->enqueue({"b", "c1", 5, 70, "{\"x\":1}", "http://x"});
      db->enqueue({"c", "c1", 0, 0, "{}", ""});
      db->enqueue({"other", "c2", 9, 0, "{}", ""});
    });
    auto place = [&](const char* id) { return db->job(id)->queued; };
    CHECK(place("b") == 1);
    CHECK(place("a") == 2);
    CHECK(place("c") == 3);
    CHECK(place("d") == 0);
    CHECK(place("other") == 1);
    CHECK(db->jobs({-1}).size() == 5);
    CHECK(db->jobs({-1}).front().queued == 1);
    job_update sent_now;
    sent_now.id = "b";
    sent_now.state = job_state::started;
    update(sent_now);
    CHECK(place("a") == 1);
    CHECK(place("b") == 0);
    CHECK(db->jobs({-1}).at(3).queued == 0);
    auto sent = [&] {
      std::string result;
      for (auto& x : db->queued_jobs())
        result += x.sent ? x.job : "";
      return result;
    };
    CHECK(sent() == "b");
    write([&] { db->dequeue("b"); });
    CHECK(place("a") == 1);
    CHECK(place("b") == 0);
    CHECK(db->queued_jobs().size() == 3);
  }

  TEST_CASE_FIXTURE(open_database, "a key stands for what came first") {
    write([&] {
      CHECK(db->claim({"k", "d1", "j1", 5}).subject == "j1");
      auto again = db->claim({"k", "d2", "j2", 6});
      CHECK(again.subject == "j1");
      CHECK(again.digest == "d1");
      CHECK(again.time == 5);
      CHECK(db->claim({"l", "d2", "j2", 50}).subject == "j2");
      db->erase_keys(10);
      CHECK(db->claim({"k", "d3", "j3", 60}).subject == "j3");
      CHECK(db->claim({"l", "d3", "j3", 60}).subject == "j2");
      db->erase_key("l");
      CHECK(db->claim({"l", "d3", "j3", 60}).subject == "j3");
    });
  }
}
