#include <algorithm>

#include <doctest/doctest.h>

#include "store/soci_store.hpp"
#include "store/store.hpp"
#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

std::string bytes(std::size_t size) {
  std::string result(size, 'x');
  for (std::size_t i = 0; i < size; i += 4096)
    result[i] = static_cast<char>('a' + i / 4096 % 26);
  return result;
}

} // namespace

TEST_SUITE("jobs") {
  TEST_CASE_FIXTURE(open_database, "a job is read back as it was inserted") {
    auto x = make_job("j1", 10);
    insert(x);
    auto got = db->job("j1").value();
    CHECK(got.id == "j1");
    CHECK(got.context_id == x.context_id);
    CHECK(got.context_name == x.context_name);
    CHECK(got.main_class == x.main_class);
    CHECK(got.binaries == x.binaries);
    CHECK(got.config.empty());
    CHECK(got.state == job_state::started);
    CHECK(got.start_time == 10);
    CHECK(got.end_time == 0);
    CHECK(got.result.empty());
    CHECK(db->job_config("j1") == x.config);
  }

  TEST_CASE_FIXTURE(open_database, "an unknown job is nothing") {
    CHECK_FALSE(db->job("nope").has_value());
    CHECK_FALSE(db->job_config("nope").has_value());
    update(make_end("nope", job_state::finished, "1"));
    CHECK_FALSE(db->job("nope").has_value());
  }

  TEST_CASE_FIXTURE(open_database,
                    "a job without configuration has an empty one") {
    auto x = make_job("j1", 10);
    x.config = "";
    insert(x);
    x.id = "j2";
    x.config = "{}";
    insert(x);
    CHECK(db->job_config("j1") == "{}");
    CHECK(db->job_config("j2") == "{}");
  }

  TEST_CASE_FIXTURE(open_database, "a second insert of an id changes nothing") {
    insert(make_job("j1", 10));
    auto again = make_job("j1", 77);
    again.config = R"({"other":1})";
    insert(again);
    CHECK(db->job("j1")->start_time == 10);
    CHECK(db->job_config("j1") == make_job("j1", 10).config);
    CHECK(db->jobs({-1}).size() == 1);
  }

  TEST_CASE_FIXTURE(open_database,
                    "an end is stored with its result or reason") {
    insert(make_job("ok", 10));
    insert(make_job("bad", 11));
    update(make_end("ok", job_state::finished, "[1,2]"));
    auto end = make_end("bad", job_state::error);
    end.reason = {"boom", "java.lang.Error", "at x", "bad"};
    update(end);
    auto ok = db->job("ok").value();
    CHECK(ok.state == job_state::finished);
    CHECK(ok.end_time == 99);
    CHECK(ok.result == "[1,2]");
    auto bad = db->job("bad").value();
    CHECK(bad.state == job_state::error);
    CHECK(bad.reason.message == "boom");
    CHECK(bad.reason.error_class == "java.lang.Error");
    CHECK(bad.reason.stack == "at x");
    CHECK(bad.reason.subject == "bad");
  }

  TEST_CASE_FIXTURE(open_database, "states only move forward") {
    using s = job_state;
    struct row {
      s from;
      s to;
      s expected;
    };
    for (auto x : {row{s::started, s::running, s::running},
                   row{s::running, s::started, s::running},
                   row{s::running, s::restarting, s::restarting},
                   row{s::restarting, s::running, s::running},
                   row{s::restarting, s::started, s::restarting},
                   row{s::started, s::killed, s::killed},
                   row{s::restarting, s::error, s::error},
                   row{s::finished, s::running, s::finished},
                   row{s::finished, s::killed, s::finished},
                   row{s::killed, s::finished, s::killed},
                   row{s::error, s::killed, s::error}}) {
      auto id = std::string{to_string(x.from)} + "-" + to_string(x.to);
      CAPTURE(id);
      insert(make_job(id, 1, x.from));
      update(make_end(id, x.to, "late"));
      auto got = db->job(id).value();
      CHECK(got.state == x.expected);
      auto ended = is_final(x.to) && !is_final(x.from);
      CHECK(got.result == (ended ? "late" : ""));
    }
  }

  TEST_CASE_FIXTURE(open_database, "lists are newest first, ties by arrival") {
    insert(make_job("a", 20));
    insert(make_job("b", 10));
    insert(make_job("c", 30));
    insert(make_job("d", 20));
    CHECK(ids(db->jobs({-1})) == "c d a b ");
    CHECK(ids(db->jobs({2})) == "c d ");
    CHECK(db->jobs({0}).empty());
    CHECK(ids(db->jobs({50})) == "c d a b ");
  }

  TEST_CASE_FIXTURE(open_database, "lists filter by state and stay lean") {
    for (auto id : {"a", "b", "c", "d"})
      insert(make_job(id, 10 + id[0]));
    update(make_end("a", job_state::finished, "1"));
    update(make_end("c", job_state::finished, "2"));
    update(make_end("d", job_state::killed));
    CHECK(ids(db->jobs({-1, true, job_state::finished})) == "c a ");
    CHECK(ids(db->jobs({1, true, job_state::finished})) == "c ");
    CHECK(ids(db->jobs({-1, true, job_state::killed})) == "d ");
    CHECK(db->jobs({-1, true, job_state::error}).empty());
    for (auto& x : db->jobs({-1})) {
      CHECK(x.config.empty());
      CHECK(x.result.empty());
      CHECK(x.main_class == "some.Job");
    }
  }

  TEST_CASE_FIXTURE(open_database, "live jobs come oldest first") {
    insert(make_job("b", 20));
    insert(make_job("a", 10, job_state::running));
    insert(make_job("c", 30, job_state::restarting));
    insert(make_job("d", 5, job_state::error));
    update(make_end("b", job_state::finished, "1"));
    CHECK(ids(db->live_jobs()) == "a c ");
  }

  TEST_CASE_FIXTURE(open_database, "texts keep every byte") {
    auto zero = postgresql_url().empty() ? '\0' : '?'; // as store/utf8.hpp
    auto x = make_job("j1", 1);
    x.config = std::string("{\"a\":\"\0\xF0\x9F\x98\x80\xC3\xA9 it's \"}", 20);
    insert(x);
    auto result = std::string("\0\"'; DROP TABLE jobs; --\xE2\x82\xAC\0", 29);
    update(make_end("j1", job_state::finished, result));
    auto config = x.config.text();
    std::replace(config.begin(), config.end(), '\0', zero);
    std::replace(result.begin(), result.end(), '\0', zero);
    CHECK(db->job_config("j1") == config);
    CHECK(db->job("j1")->result == result);
  }

  TEST_CASE_FIXTURE(open_database,
                    "large results and configurations arrive whole") {
    auto x = make_job("j1", 1);
    x.config = bytes(3 << 20);
    insert(x);
    auto result = bytes(70 << 20);
    update(make_end("j1", job_state::finished, result));
    CHECK(db->job_config("j1").value() == x.config);
    CHECK((db->job("j1")->result == result));
  }
}

TEST_SUITE("contexts") {
  TEST_CASE_FIXTURE(open_database, "a context is read back as it was put") {
    auto x = make_context("c1", "ctx", 10, context_state::error);
    x.end_time = 20;
    x.application_id = "app-1";
    x.web_url = "http://localhost:4040";
    x.version = "3.5.7";
    x.process = {4711, 123456789012345};
    x.ad_hoc = true;
    x.reason = {"died", "c.l.S", "at y", "ctx"};
    put(x);
    auto got = db->context_by_name("ctx").value();
    CHECK(got.id == x.id);
    CHECK(got.name == x.name);
    CHECK(got.state == x.state);
    CHECK(got.settings == x.settings);
    CHECK(got.start_time == 10);
    CHECK(got.end_time == 20);
    CHECK(got.application_id == x.application_id);
    CHECK(got.web_url == x.web_url);
    CHECK(got.version == "3.5.7");
    CHECK(got.process == x.process);
    CHECK(got.ad_hoc);
    CHECK(got.reason.message == "died");
    CHECK(got.reason.error_class == "c.l.S");
    CHECK(got.reason.stack == "at y");
    CHECK(got.reason.subject == "ctx");
  }

  TEST_CASE_FIXTURE(open_database, "putting an id again replaces it") {
    put(make_context("c1", "ctx", 10));
    put(make_context("c1", "ctx", 10, context_state::running));
    CHECK(db->context_by_name("ctx")->state == context_state::running);
    CHECK(db->live_contexts().size() == 1);
  }

  TEST_CASE_FIXTURE(open_database,
                    "a name finds its newest context, ended or not") {
    put(make_context("c1", "ctx", 10, context_state::finished));
    put(make_context("c3", "ctx", 30, context_state::killed));
    put(make_context("c2", "ctx", 20));
    put(make_context("c4", "other", 40));
    CHECK(db->context_by_name("ctx")->id == "c3");
    CHECK_FALSE(db->context_by_name("CTX").has_value());
    put(make_context("c5", "ctx", 30));
    CHECK(db->context_by_name("ctx")->id == "c5");
  }

  TEST_CASE_FIXTURE(open_database, "live contexts come oldest first") {
    using s = context_state;
    auto time = 100;
    for (auto state : {s::started, s::running, s::stopping, s::restarting,
                       s::finished, s::killed, s::error})
      put(make_context(to_string(state), "n", time--, state));
    CHECK(ids(db->live_contexts()) == "RESTARTING STOPPING RUNNING STARTED ");
  }
}

TEST_SUITE("binaries") {
  TEST_CASE_FIXTURE(open_database, "every version is listed, oldest first") {
    write([&] {
      db->put(binary_record{"b", binary_type::wheel, "d2", 5'000'000'000, 20});
      db->put(binary_record{"a", binary_type::jar, "d1", 1, 10});
      db->put(binary_record{"b", binary_type::native, "d3", 3, 30});
    });
    auto got = db->binaries();
    REQUIRE(got.size() == 3);
    CHECK(got[0].name == "a");
    CHECK(got[1].digest == "d2");
    CHECK(got[1].type == binary_type::wheel);
    CHECK(got[1].size == 5'000'000'000);
    CHECK(got[1].upload_time == 20);
    CHECK(got[2].digest == "d3");
  }

  TEST_CASE_FIXTURE(open_database, "erasing a name forgets all its versions") {
    write([&] {
      db->put(binary_record{"b", binary_type::jar, "d1", 1, 10});
      db->put(binary_record{"b", binary_type::jar, "d2", 1, 20});
      db->put(binary_record{"a", binary_type::jar, "d1", 1, 20});
    });
    write([&] { db->erase_binary("b"); });
    auto got = db->binaries();
    REQUIRE(got.size() == 1);
    CHECK(got[0].name == "a");
  }
}

TEST_SUITE("transactions") {
  TEST_CASE_FIXTURE(open_database,
                    "an exception in the middle undoes all of it") {
    insert(make_job("j0", 1));
    CHECK_THROWS_AS(write([&] {
                      db->insert(make_job("j1", 1));
                      db->update(make_end("j0", job_state::finished, "1"));
                      db->put(make_context("c1", "ctx", 1));
                      throw std::runtime_error("stop");
                    }),
                    std::runtime_error);
    CHECK_FALSE(db->job("j1").has_value());
    CHECK(db->job("j0")->state == job_state::started);
    CHECK(db->live_contexts().empty());
    insert(make_job("j1", 2));
    CHECK(db->job("j1")->start_time == 2);
  }

  TEST_CASE_FIXTURE(open_database, "writes need a transaction, and only one") {
    CHECK_THROWS_AS(db->insert(make_job("j1", 1)), std::logic_error);
    CHECK_THROWS_AS(db->erase_binary("x"), std::logic_error);
    CHECK_THROWS_AS(write([&] { write([] {}); }), std::logic_error);
    insert(make_job("j1", 1));
  }

  TEST_CASE_FIXTURE(open_database,
                    "writes that are repeated from any point on end the same") {
    std::string large(2000, 'x');
    job_update runs{"j2", job_state::running, 0, {}, {}, 0, 20};
    const std::vector<std::function<void()>> writes = {
      [&] { db->insert(make_job("j1", 1)); },
      [&] {
        db->enqueue(queue_entry{"j1", "c", 1, 0, "{}", "", false});
      },
      [&] { db->withdraw("j1"); },
      [&] { db->insert(make_job("j1", 1, job_state::killed)); },
      [&] { db->insert(make_job("j2", 1)); },
      [&] {
        db->put(job_note{"j2", 2, job_state::started, "waits"});
      },
      [&] {
        db->enqueue(queue_entry{"j2", "c", 1, 0, "{}", "", false});
      },
      [&] {
        db->update({"j2", job_state::started, 0, {}, {}, 0, 0});
      },
      [&] { db->update(runs); },
      [&] { db->dequeue("j2"); },
      [&] { db->update(make_end("j2", job_state::finished, large)); },
      [&] {
        db->put(job_note{"j2", 3, job_state::running, "asked"});
      },
      [&] {
        db->claim(key_claim{"k", "d1", "j1", 1});
      },
      [&] { db->erase_key("k"); },
      [&] {
        db->claim(key_claim{"k", "d2", "j2", 2});
      },
      [&] {
        db->put(binary_record{"b", binary_type::jar, "d1", 1, 10});
      },
      [&] { db->erase_binary("b"); },
      [&] {
        db->put(binary_record{"b", binary_type::jar, "d2", 2, 20});
      },
      [&] { db->put(make_context("c", "ctx", 1, context_state::running)); },
      [&] { db->put(make_context("c", "ctx", 1, context_state::finished)); },
    };
    for (std::size_t had = 0; had <= writes.size(); ++had) {
      CAPTURE(had);
      db.reset();
      db = open_empty();
      write([&] {
        for (std::size_t i = 0; i < had; ++i)
          writes[i]();
      });
      write([&] {
        for (auto& x : writes)
          x();
      });
      CHECK(db->job("j1")->state == job_state::killed);
      CHECK(db->job_history("j1")->entries.size() == 2);
      CHECK(db->job("j2")->state == job_state::finished);
      CHECK(db->job("j2")->result == large);
      CHECK(db->job_history("j2")->entries.size() == 4);
      CHECK(db->queued_jobs().empty());
      REQUIRE(db->binaries().size() == 1);
      CHECK(db->binaries()[0].digest == "d2");
      CHECK(db->context_by_name("ctx")->state == context_state::finished);
      key_claim other{"k", "d3", "j3", 3};
      key_claim found;
      write([&] { found = db->claim(other); });
      CHECK(found.subject == "j2");
    }
  }

  TEST_CASE_FIXTURE(open_database, "both kinds of durability take turns") {
    for (auto how : {durability::flushed, durability::lazy, durability::lazy,
                     durability::flushed, durability::lazy})
      db->transaction(how, [&] {
        db->insert(make_job(std::to_string(db->jobs({-1}).size()), 1));
      });
    CHECK(db->jobs({-1}).size() == 5);
  }

  TEST_CASE("a full disk undoes the transaction and the store works on") {
    temp_folder folder;
    soci_store db{make_sqlite_backend((folder.path / "hearth.db").string())};
    auto write = [&](const std::function<void()>& f) {
      db.transaction(durability::flushed, f);
    };
    write([&] { db.insert(make_job("before", 1)); });
    int pages = 0;
    db.connection() << "PRAGMA page_count", soci::into(pages);
    db.connection() << "PRAGMA max_page_count = " + std::to_string(pages + 8);
    auto full = false;
    try {
      write([&] {
        db.insert(make_job("j1", 1));
        db.update(make_end("j1", job_state::finished, bytes(1 << 20)));
      });
    } catch (const store_error& x) {
      full = x.full();
    }
    CHECK(full);
    CHECK_FALSE(db.job("j1").has_value());
    CHECK(db.job("before").has_value());
    write([&] { db.insert(make_job("small", 2)); });
    db.connection() << "PRAGMA max_page_count = 1000000";
    write([&] {
      db.update(make_end("small", job_state::finished, bytes(1 << 20)));
    });
    CHECK(db.job("small")->result.size() == 1 << 20);
  }
}
