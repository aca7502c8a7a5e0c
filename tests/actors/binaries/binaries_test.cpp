#include <fstream>
#include <malloc.h>

#include "base/digest.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

struct uses : fixture {
  /// Somebody needs what lies there. @returns what is in use before
  std::vector<std::string> need(const std::string& user,
                                const std::string& uri) {
    auto found = ask<resolved_binaries>(binaries_handle, atom::resolve_v,
                                        resolve_request{user, {uri}});
    REQUIRE(found->value.has_value());
    return *told_in_use;
  }

  void release(const std::string& user) {
    caf::anon_send(binaries_handle, atom::release_v, user);
    run();
  }
};

using paths = std::vector<std::string>;

} // namespace

TEST_CASE_FIXTURE(uses, "what was fetched is in use until its users let go") {
  CHECK(need("j1", "http://a") == paths{});
  CHECK(need("j2", "http://b") == paths{"/fetched/http://a"});
  CHECK(need("", "http://c")
        == paths{"/fetched/http://a", "/fetched/http://b"});
  release("j1");
  CHECK(need("j3", "http://d") == paths{"/fetched/http://b"});
}

TEST_CASE_FIXTURE(uses, "what an earlier server fetched is in use again") {
  resolve_request again{"j1", {}};
  again.known = {{"http://a", "Jar", "d", "/fetched/a"}};
  auto kept = ask<resolved_binaries>(binaries_handle, atom::resolve_v, again);
  REQUIRE(kept->value.has_value());
  CHECK(need("j2", "http://b") == paths{"/fetched/a"});
}

TEST_CASE_FIXTURE(uses, "a binary that a job took cannot be deleted") {
  upload("jar", "one");
  auto taken = registry->try_take("j1", {"jar"});
  REQUIRE(taken.has_value());
  auto refused = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  CHECK(refused->code() == ec::binary_in_use);
  CHECK(problem_of(*refused->error).message
        == "Binary is in use by job(s): j1");
  CHECK_FALSE(taken->lease.release());
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s)->value);
  CHECK_FALSE(registry->try_take("j2", {"jar"}));
}

TEST_CASE_FIXTURE(uses, "a binary that was resolved cannot be deleted") {
  upload("jar", "one");
  need("j1", "jar");
  auto refused = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  CHECK(refused->code() == ec::binary_in_use);
  release("j1");
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s)->value);
}

TEST_CASE_FIXTURE(uses, "a context keeps content, not the name") {
  upload("jar", "one");
  resolve_request all_jobs{"c1", {"jar"}, false, true};
  REQUIRE(
    ask<resolved_binaries>(binaries_handle, atom::resolve_v, all_jobs)->value);
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s)->value);
  CHECK(registry->has_content(binary_type::jar, sha256(jar_with("one"))));
  release("c1");
  CHECK_FALSE(registry->has_content(binary_type::jar, sha256(jar_with("one"))));
}

TEST_CASE_FIXTURE(uses, "an old version vanishes with the last job of it") {
  upload("jar", "one");
  auto old = registry->try_take("j1", {"jar"});
  upload("jar", "two");
  CHECK(registry->try_take("j2", {"jar"})->refs[0].digest
        == sha256(jar_with("two")));
  CHECK(registry->has_content(binary_type::jar, sha256(jar_with("one"))));
  CHECK(old->lease.release());
  release("j1");
  CHECK_FALSE(registry->has_content(binary_type::jar, sha256(jar_with("one"))));
}

TEST_CASE_FIXTURE(uses, "jobs that came and went take no memory") {
  upload("jar", "one");
  constexpr int jobs = 20 * 1024;
  auto come_and_go = [&] {
    auto looks = 0;
    for (int i = 0; i < jobs; ++i) {
      auto id = "a job with an id that is not short: " + std::to_string(i);
      if (registry->try_take(id, {"jar"})->lease.release()) {
        release(id);
        ++looks;
      }
    }
    return looks;
  };
  CHECK(come_and_go() == 20);
  auto before = ::mallinfo2().uordblks;
  come_and_go();
  // Each of them had some hundred bytes.
  CHECK(::mallinfo2().uordblks < before + jobs * 10);
}

TEST_CASE_FIXTURE(uses, "what is not whole does not replace a good version") {
  upload("jar", "one");
  auto refusal_of = [&](binary_type type, const std::string& content) {
    auto answer = ask<binary_record>(
      binaries_handle, atom::put_v,
      binary_upload{"jar", type, std::make_shared<const std::string>(content)});
    while (answer->pending())
      run();
    CHECK(answer->code() == ec::binary_malformed);
    return answer->error ? problem_of(*answer->error).message : "";
  };
  // The text that SJS has for what is of another type.
  for (auto content : {"", "hello", "PK"})
    CHECK(refusal_of(binary_type::jar, content)
          == "Binary is not of the right format");
  CHECK(refusal_of(binary_type::native, jar_with("two"))
        == "Binary is not of the right format");
  auto cut = jar_with("two");
  cut.pop_back();
  for (auto type : {binary_type::jar, binary_type::egg, binary_type::wheel})
    CHECK(refusal_of(type, cut)
          == "Binary is not of the right format: the zip file is cut off in "
             "the comment at its end; send the whole file once more");
  CHECK(registry->newest("jar")->record.digest == sha256(jar_with("one")));
}

TEST_CASE_FIXTURE(uses, "changes of one name follow each other") {
  // The deletion waits for the upload's turn, so the later of the two wins in
  // the store and in the registry alike.
  upload("jar", "one");
  upload("jar", "two");
  auto gone = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  auto again = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  CHECK(gone->value);
  CHECK(again->code() == ec::binary_not_there);
}

TEST_CASE_FIXTURE(uses, "a file of this machine is looked at elsewhere") {
  auto file = folder / "local.jar";
  std::ofstream{file} << "x";
  auto answer_to = [&](const std::string& uri) {
    auto answer = ask<resolved_binaries>(binaries_handle, atom::resolve_v,
                                         resolve_request{"j1", {uri}});
    auto give_up = std::chrono::steady_clock::now() + 10s;
    while (answer->pending() && std::chrono::steady_clock::now() < give_up)
      run();
    return answer;
  };
  auto found = answer_to("file://" + file.string());
  REQUIRE(found->value.has_value());
  CHECK(found->value->refs[0].path == file.string());
  // A URI is decoded once.
  auto odd = folder / "50% a%20b,c.jar";
  std::ofstream{odd} << "x";
  for (auto name : {"50% a%2520b,c.jar", "50%25%20a%2520b%2Cc.jar"}) {
    auto decoded = answer_to("file:" + (folder / name).string());
    REQUIRE(decoded->value.has_value());
    CHECK(decoded->value->refs[0].path == odd.string());
  }
  auto missing = answer_to("file:///no/such.jar");
  CHECK(missing->code() == ec::binary_not_found);
  CHECK(problem_of(*missing->error).message
        == "classPath file:///no/such.jar not found");
}

namespace {

/// Uploads to a store that is lost while it writes.
struct doubtful_uploads : fixture {
  enum class loss { none, before, after };

  doubtful_uploads() {
    auto gate = sys.spawn([=, to = store, how = how, away = away](
                            caf::event_based_actor* self) -> caf::behavior {
      return {
        [=](atom::put, const binary_record& x) -> caf::result<atom::ok> {
          if (*how == loss::none)
            return self->delegate(to, atom::put_v, x);
          if (*how == loss::after)
            self->send(to, atom::put_v, x);
          return make_error(ec::outcome_unknown, "the database is lost");
        },
        [](atom::ok) {},
        [=](atom::list) -> caf::result<std::vector<binary_record>> {
          if (*away)
            return make_error(ec::store_failed, "the database is lost");
          return self->delegate(to, atom::list_v);
        },
      };
    });
    helpers.push_back(gate);
    files = std::make_shared<content_files>((folder / "own").string());
    own = std::make_shared<binary_registry>(files);
    // The one of the fixture ends with it, as all helpers do.
    uploads = sys.spawn(binaries, own, caf::actor_cast<store_actor>(gate),
                        dependencies_actor{fetcher}, 1000);
    helpers.push_back(caf::actor_cast<caf::actor>(uploads));
  }

  template <class Condition>
  void until(Condition holds) {
    auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!holds() && std::chrono::steady_clock::now() < give_up)
      run();
    REQUIRE(holds());
  }

  /// @returns whether it is stored, for all that its client knows
  bool put(const std::string& content, loss x) {
    *how = x;
    auto answer = ask<binary_record>(
      uploads, atom::put_v,
      binary_upload{"jar", binary_type::jar,
                    std::make_shared<const std::string>(jar_with(content))});
    until([&] { return !answer->pending(); });
    return answer->value.has_value();
  }

  bool has_file(const std::string& content) const {
    return std::filesystem::exists(
      files->path(binary_type::jar, sha256(jar_with(content))));
  }

  std::string newest() const {
    auto version = own->newest("jar");
    return version ? version->record.digest : "";
  }

  std::shared_ptr<loss> how = std::make_shared<loss>(loss::none);
  std::shared_ptr<bool> away = std::make_shared<bool>(true);
  std::shared_ptr<content_files> files;
  std::shared_ptr<binary_registry> own;
  binaries_actor uploads;
};

} // namespace

TEST_CASE_FIXTURE(doubtful_uploads, "an upload that the store may have keeps "
                                    "its content, and is there if it has it") {
  REQUIRE(put("one", loss::none));
  CHECK_FALSE(put("two", loss::after));
  pass(10s);
  CHECK(has_file("two"));
  CHECK(newest() == sha256(jar_with("one")));
  *away = false;
  pass(1s);
  CHECK(newest() == sha256(jar_with("two")));
  CHECK(has_file("two"));
  until([&] { return !has_file("one"); });
}

TEST_CASE_FIXTURE(doubtful_uploads, "an upload that the store does not have "
                                    "goes once that is known") {
  REQUIRE(put("one", loss::none));
  CHECK_FALSE(put("two", loss::before));
  CHECK_FALSE(put("one", loss::before));
  pass(10s);
  CHECK(has_file("two"));
  *away = false;
  pass(1s);
  until([&] { return !has_file("two"); });
  CHECK(has_file("one"));
  CHECK(newest() == sha256(jar_with("one")));
}

TEST_CASE_FIXTURE(doubtful_uploads, "an upload that came after one in doubt "
                                    "stays the newest") {
  CHECK_FALSE(put("one", loss::after));
  pass(1ms);
  REQUIRE(put("two", loss::none));
  *away = false;
  pass(1s);
  CHECK(newest() == sha256(jar_with("two")));
  until([&] { return !has_file("one"); });
  CHECK(has_file("two"));
}
