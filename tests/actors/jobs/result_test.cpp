// The end of a job whose result lies in a file.

#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// Stands before the actor of results: commits wait until the test lets them
/// pass, or refuses them.
class gated_results : public fixture {
public:
  gated_results() {
    upload("jar", "x");
    auto gate = sys.spawn([to = results_handle, held = held](
                            caf::event_based_actor* self) -> caf::behavior {
      return {
        [=](atom::begin, const std::string& job, bool followed) {
          self->send(to, atom::begin_v, job, followed);
        },
        [=](atom::put, const std::string& job, const std::string& bytes) {
          return self->delegate(to, atom::put_v, job, bytes);
        },
        [=](atom::begin_anew, const std::string& job) {
          self->send(to, atom::begin_anew_v, job);
        },
        [=](atom::commit, const std::string& job, durability how) {
          auto promise = self->make_response_promise<std::int64_t>();
          held->push_back([=](bool refused) {
            auto open = promise;
            if (refused)
              open.deliver(make_error(ec::storage_full, "no space"));
            else
              open.delegate(to, atom::commit_v, job, how);
          });
          return promise;
        },
        [=](atom::commit, bool refused) {
          for (auto& x : std::exchange(*held, {}))
            x(refused);
        },
        [=](atom::end_stored, const std::string& job) {
          self->send(to, atom::end_stored_v, job);
        },
        [=](atom::erase, const std::string& job) {
          self->send(to, atom::erase_v, job);
        },
      };
    });
    helpers.push_back(gate);
    commits = gate;
    auto parts = std::make_shared<services>(*spec.services);
    parts->results = caf::actor_cast<results_actor>(gate);
    spec.services = std::move(parts);
    next_server({});
    agent = running_context("ctx");
    submit("ctx", false);
    job = last_job(*agent);
    started(*agent, job);
    say_parts(*agent, job, 5); // too much for memory
    ended(*agent, job, protocol::outcome::finished, "1");
    REQUIRE(held->size() == 1);
  }

  ~gated_results() {
    end_commit(true);
  }

  void end_commit(bool refused) {
    caf::anon_send(commits, atom::commit_v, refused);
    run();
  }

  std::shared_ptr<std::vector<std::function<void(bool)>>> held
    = std::make_shared<std::vector<std::function<void(bool)>>>();
  caf::actor commits;
  std::shared_ptr<fake_agent> agent;
  std::string job;
};

} // namespace

TEST_CASE_FIXTURE(gated_results, "a job whose whole result is here finishes, "
                                 "though its process ends first") {
  launcher->die(1000, 0, 9);
  run();
  CHECK_FALSE(is_final(job_now(job).state));
  end_commit(false);
  auto end = job_now(job);
  CHECK(end.state == job_state::finished);
  CHECK(end.result_size == 5 * (256 << 10) + 1);
  CHECK(std::filesystem::file_size(results_folder() / job)
        == static_cast<std::uintmax_t>(end.result_size));
}

TEST_CASE_FIXTURE(gated_results, "a job whose result cannot be stored fails, "
                                 "whenever its process ends") {
  launcher->die(1000, 0, 9);
  run();
  end_commit(true);
  auto end = job_now(job);
  CHECK(end.state == job_state::error);
  CHECK(end.reason.message == "no space");
  CHECK_FALSE(std::filesystem::exists(results_folder() / job));
}

TEST_CASE_FIXTURE(gated_results, "a job that is killed before its result is "
                                 "stored is KILLED") {
  auto killed = ask<job_record>(supervisor, atom::kill_v, job, false);
  end_commit(false);
  REQUIRE(killed->value.has_value());
  CHECK(killed->value->state == job_state::killed);
  CHECK(job_now(job).state == job_state::killed);
}
