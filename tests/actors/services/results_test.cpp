#include <fstream>

#include "store/files/result_file.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

constexpr std::uint64_t part = 256 << 10;
constexpr std::uint64_t mib = 1 << 20;

/// A job whose result is more than memory takes, in a context of its own.
struct large : fixture {
  large() {
    upload("jar", "x");
    agent = running_context("ctx");
  }

  std::shared_ptr<answer<job_record>> begin(bool sync) {
    auto job = submit("ctx", sync);
    id = last_job(*agent);
    started(*agent, id);
    return job;
  }

  std::shared_ptr<answer<result_block>> read(std::uint64_t offset) {
    return ask<result_block>(results_handle, atom::get_v, id, offset);
  }

  /// Reads on from that offset until there is nothing to read at the moment.
  std::uint64_t read_on(std::uint64_t offset) {
    for (;;) {
      auto x = read(offset);
      if (!x->value)
        return offset;
      offset += x->value->bytes.size();
      if (x->value->last)
        return offset;
    }
  }

  std::vector<std::string> files() const {
    std::vector<std::string> result;
    for (auto& x : std::filesystem::directory_iterator{results_folder()})
      result.push_back(x.path().filename().string());
    return result;
  }

  std::shared_ptr<fake_agent> agent;
  std::string id;
};

} // namespace

TEST_CASE_FIXTURE(large, "a result too large for memory lies in a file, and "
                         "the record says so") {
  begin(false);
  say_parts(*agent, id, 8);
  CHECK(credit_of(*agent) == 8 * part + mib);
  ended(*agent, id, protocol::outcome::finished, "the rest");
  auto job = job_now(id);
  CHECK(job.state == job_state::finished);
  CHECK(job.result.empty());
  CHECK(job.result_size == 8 * part + 8);
  CHECK(files() == std::vector{id});
  CHECK(read_on(0) == 8 * part + 8);
  auto last = read(8 * part);
  CHECK(last->value.value().bytes == "the rest");
  CHECK(last->value->last);
}

TEST_CASE_FIXTURE(large, "a sync client is answered by the first part of a "
                         "stream, however small that is") {
  auto job = begin(true);
  agent->say({protocol::kind::result_part,
              R"({"job":")" + id + R"(","streamed":true})", "[1,"});
  run();
  REQUIRE(job->value.has_value());
  CHECK(job->value->state == job_state::running);
  CHECK(read(0)->value.value().bytes == "[1,");
  ended(*agent, id, protocol::outcome::finished, "2]");
  CHECK(read(3)->value.value().bytes == "2]");
  CHECK(job_now(id).result_size == 5);
}

TEST_CASE_FIXTURE(large, "a stream that nobody waits for is a result like "
                         "others") {
  begin(false);
  agent->say({protocol::kind::result_part,
              R"({"job":")" + id + R"(","streamed":true})", "[1,"});
  ended(*agent, id, protocol::outcome::finished, "2]");
  CHECK(job_now(id).result == "[1,2]");
  CHECK(files().empty());
}

TEST_CASE_FIXTURE(large, "a sync client is answered while its result still "
                         "comes, and reads it as it does") {
  auto job = begin(true);
  say_parts(*agent, id, 4);
  CHECK(job->pending());
  say_parts(*agent, id, 1);
  REQUIRE(job->value.has_value());
  CHECK(job->value->state == job_state::running);
  CHECK(job->value->result_size > 0);
  CHECK(read(0)->value.value().bytes == std::string(part, 'a'));
  auto waiting = read(5 * part);
  CHECK(waiting->pending());
  say_parts(*agent, id, 1);
  CHECK(waiting->value.value().bytes.size() == part);
  auto end = read(6 * part);
  CHECK(end->pending());
  ended(*agent, id, protocol::outcome::finished);
  REQUIRE(end->value.has_value());
  CHECK(end->value->last);
  CHECK(job_now(id).result_size == 6 * part);
}

TEST_CASE_FIXTURE(large, "a client that does not read on stops its job, which "
                         "goes on when it does") {
  begin(true);
  say_parts(*agent, id, 12);
  // What it may send ahead, and what the file may be ahead of the client.
  CHECK(credit_of(*agent) == mib + mib);
  auto before = credit_of(*agent);
  read(0);
  run();
  CHECK(credit_of(*agent) == before);
  CHECK(read_on(0) == 12 * part);
  CHECK(credit_of(*agent) == 12 * part + mib);
}

TEST_CASE_FIXTURE(large, "a client that leaves ends the job, and nothing of "
                         "its result stays") {
  begin(true);
  say_parts(*agent, id, 6);
  auto reader = read(6 * part);
  caf::anon_send(results_handle, atom::left_v, id);
  run();
  CHECK(agent->of(protocol::kind::kill_job).size() == 1);
  CHECK(job_now(id).state == job_state::running);
  ended(*agent, id, protocol::outcome::killed);
  CHECK(job_now(id).state == job_state::error);
  CHECK(job_now(id).reason.message
        == "its client left while the result was streamed to it");
  CHECK(files().empty());
  CHECK(reader->error.has_value());
}

TEST_CASE_FIXTURE(large, "a client that never comes for its result is one that "
                         "left") {
  begin(true);
  say_parts(*agent, id, 6);
  pass(60s);
  CHECK(agent->of(protocol::kind::kill_job).size() == 1);
}

TEST_CASE_FIXTURE(large, "the reader of a job that fails is told so") {
  begin(true);
  say_parts(*agent, id, 6);
  auto reader = read(6 * part);
  ended(*agent, id, protocol::outcome::error);
  CHECK(reader->error.has_value());
  CHECK(job_now(id).reason.message == "Foobar");
  CHECK(files().empty());
}

TEST_CASE_FIXTURE(large, "a result over the limit is an error with both "
                         "numbers") {
  begin(false);
  say_parts(*agent, id, 40);
  CHECK(agent->of(protocol::kind::kill_job).size() == 1);
  ended(*agent, id, protocol::outcome::killed);
  auto job = job_now(id);
  CHECK(job.state == job_state::error);
  CHECK(job.reason.message.find("8650752 bytes") != std::string::npos);
  CHECK(job.reason.message.find("8388608 bytes") != std::string::npos);
  CHECK(files().empty());
}

TEST_CASE_FIXTURE(large, "what the end of a job brings of its result counts") {
  begin(false);
  say_parts(*agent, id, 32);
  ended(*agent, id, protocol::outcome::finished, "!");
  auto job = job_now(id);
  CHECK(job.state == job_state::error);
  CHECK(job.reason.message.find("8388609 bytes") != std::string::npos);
  CHECK(files().empty());
}

TEST_CASE_FIXTURE(large, "an agent that is back says its result again, and a "
                         "reader goes on where it was") {
  begin(true);
  say_parts(*agent, id, 6);
  CHECK(read_on(0) == 6 * part);
  auto reader = read(6 * part);
  auto again = dial();
  CHECK(again->of(protocol::kind::run_job).size() == 1);
  say_parts(*again, id, 6);
  CHECK(reader->pending());
  CHECK(credit_of(*again) == 6 * part + mib);
  ended(*again, id, protocol::outcome::finished, "!");
  REQUIRE(reader->value.has_value());
  CHECK(reader->value->bytes == "!");
  CHECK(job_now(id).result_size == 6 * part + 1);
}

TEST_CASE("a disk without the space that has to stay free takes no result") {
  auto folder = std::filesystem::temp_directory_path() / "hearth-full";
  std::filesystem::create_directories(folder);
  {
    result_file file{folder.string(), "job", std::uint64_t{1} << 60};
    try {
      file.append("x");
      FAIL("it was written");
    } catch (const std::system_error& e) {
      CHECK(e.code() == std::errc::no_space_on_device);
    }
  }
  CHECK(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a boot removes what is not the whole result of a finished job") {
  auto folder = std::filesystem::temp_directory_path() / "hearth-sweep";
  std::filesystem::create_directories(folder);
  auto db = open_store("sqlite::memory:");
  auto job = [&](const std::string& id, job_state state, std::int64_t size) {
    job_record x;
    x.id = id;
    x.state = state;
    x.result_size = size;
    db->transaction(durability::lazy, [&] { db->insert(x); });
    std::ofstream{folder / id} << "1234";
  };
  job("whole", job_state::finished, 4);
  job("short", job_state::finished, 5);
  job("failed", job_state::error, 4);
  std::ofstream{folder / "unknown"} << "1234";
  std::ofstream{folder / "whole.part"} << "12";
  CHECK(sweep_results(folder.string(), *db) == 4);
  CHECK(std::filesystem::exists(folder / "whole"));
  std::filesystem::remove_all(folder);
}

TEST_CASE_FIXTURE(large, "a job whose client is slow fails when this part "
                         "ends") {
  auto job = begin(true);
  say_parts(*agent, id, 8);
  REQUIRE(job->value);
  auto client = read(0);
  REQUIRE(client->value);
  CHECK(credit_of(*agent) < 8 * part + mib);
  caf::anon_send_exit(results_handle, caf::exit_reason::kill);
  run();
  CHECK(agent->of(protocol::kind::kill_job).size() == 1);
}
