// How a job's result arrives: a small one is put into the record, a large one
// into a file. The credit follows the slower one of the disk and the client.

#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/jobs/job.hpp"

namespace hearth {

namespace {

/// A larger result goes into a file.
constexpr std::size_t memory_limit = 1024 * 1024;

/// The deadline of writing to the file and of a client that reads the result
/// while it arrives. A client that reads nothing at all is disconnected long
/// before.
constexpr std::chrono::minutes put_deadline{60};

constexpr std::chrono::minutes commit_deadline{10};

std::string too_large(std::uint64_t size, std::uint64_t limit) {
  return "The result has at least " + std::to_string(size)
         + " bytes of JSON, which is over the limit of " + std::to_string(limit)
         + " bytes (hearth.jobs.max-result-size)";
}

} // namespace

void job_actor_state::take_part(protocol::frame& x) {
  // A job that is being killed gets no credit, so that it stops here.
  if (machine.over() || machine.now() == job_machine::phase::killing)
    return;
  auto& bytes = x.payload;
  auto size = bytes.size();
  received += size;
  if (received > spec.max_result)
    return end_by({too_large(received, spec.max_result), {}, {}, {}});
  // A client that waits reads from the file, so a stream goes there at once.
  auto streams
    = protocol::parse_streamed(x) && spec.request.sync && client.pending();
  if (!in_file && (received > memory_limit || streams))
    begin_file();
  if (in_file)
    return put_into_file(std::move(bytes), size);
  record.result += bytes;
  send(protocol::credit_frame(record.id, size));
}

void job_actor_state::begin_file() {
  in_file = true;
  auto followed = spec.request.sync && client.pending();
  self->send(spec.services->results, atom::begin_v, record.id, followed);
  if (!record.result.empty())
    put_into_file(std::exchange(record.result, {}), 0);
  if (!followed)
    return;
  // The client's answer begins; how the job ends shows in how it ends.
  auto answer = record;
  answer.state = job_state::running;
  answer.result_size = static_cast<std::int64_t>(received);
  client.deliver(std::move(answer));
}

void job_actor_state::put_into_file(std::string bytes, std::uint64_t credit) {
  // Credit counts for one connection only, and so does a failure.
  auto link = spec.link.get();
  self
    ->request(spec.services->results, put_deadline, atom::put_v, record.id,
              std::move(bytes))
    .then(
      [this, link, credit](atom::ok) {
        if (link == spec.link.get() && credit > 0 && !machine.over())
          send(protocol::credit_frame(record.id, credit));
      },
      [this, link](caf::error& e) {
        if (link == spec.link.get())
          fail_result(problem_of(e));
      });
}

void job_actor_state::take_end(const protocol::job_ended& how,
                               std::string& bytes) {
  if (machine.over() || complete)
    return;
  auto all_there = how.outcome == protocol::outcome::finished
                   && machine.now() != job_machine::phase::killing;
  if (auto size = received + bytes.size();
      all_there && size > spec.max_result) {
    auto failed = how;
    failed.outcome = protocol::outcome::error;
    failed.why = {too_large(size, spec.max_result), {}, {}};
    if (machine.ended(failed))
      end();
    return;
  }
  if (!in_file || !all_there) {
    if (all_there)
      record.result += bytes;
    if (machine.ended(how))
      end();
    return;
  }
  complete = true;
  if (!bytes.empty())
    put_into_file(std::move(bytes), 0);
  auto link = spec.link.get();
  self
    ->request(spec.services->results, commit_deadline, atom::commit_v,
              record.id,
              spec.request.sync ? durability::lazy : durability::flushed)
    .then(
      [this, how, link](std::int64_t size) {
        if (link != spec.link.get())
          return; // the agent says all of it again
        record.result_size = size;
        if (machine.ended(how))
          end();
      },
      [this, link](caf::error& e) {
        if (link == spec.link.get())
          fail_result(problem_of(e));
      });
}

void job_actor_state::fail_result(const problem& why) {
  if (machine.over())
    return;
  spdlog::error("job {}: {}", record.id, why.message);
  if (std::exchange(complete, false))
    abort(why, true); // the agent has nothing more to say about it
  else
    end_by(why);
}

void job_actor_state::end_by(problem why) {
  if (machine.kill(std::move(why)))
    kill_agent_side();
}

void job_actor_state::client_left() {
  end_by({"its client left while the result was streamed to it", {}, {}, {}});
}

void job_actor_state::drop_result() {
  record.result.clear();
  received = 0;
  complete = false;
  if (in_file)
    self->send(spec.services->results, atom::begin_anew_v, record.id);
}

} // namespace hearth
