#include "actors/services/progress.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

TEST_CASE_FIXTURE(fixture, "what a job says of its progress is known while it "
                           "runs") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  agent->say(to_frame(protocol::job_progress{id, 3, 10, "halves"}));
  run();
  auto far = ask<job_progress>(progress_handle, atom::get_v, id);
  CHECK(far->value.value().done == 3);
  CHECK(far->value->total == 10);
  CHECK(far->value->text == "halves");
  ended(*agent, id, protocol::outcome::finished, "1");
  CHECK(ask<job_progress>(progress_handle, atom::get_v, id)->value.value().total
        == 0);
}
