#include "actors/jobs/file_requests.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/jobs/job.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds read_deadline{60};

} // namespace

protocol::frame refusal_of(const protocol::read_file& request,
                           std::string reason,
                           std::shared_ptr<const void> lease) {
  auto result
    = to_frame(protocol::file_block{request.request, 0, std::move(reason)}, {});
  result.lease = std::move(lease);
  return result;
}

/// Reads a part of a file for the agent.
/// @param lease kept until the answer is written, so that nothing is read from
///        an agent that asks faster than it is answered, or than it reads
void job_actor_state::read_file(const protocol::read_file& x,
                                std::shared_ptr<const void> lease) {
  file_wanted wanted;
  wanted.data = x.data;
  wanted.offset = x.offset;
  wanted.length = std::min(x.length, protocol::max_block);
  if (x.data.empty()) {
    auto i = std::find_if(binaries.begin(), binaries.end(),
                          [&](auto& b) { return b.digest == x.digest; });
    if (i == binaries.end())
      return send(refusal_of(
        x, "no binary of the job has the digest '" + x.digest + "'", lease));
    wanted.path = i->path;
  }
  // An answer is for the link over which it was asked for.
  auto link = spec.link.get();
  self
    ->request(spec.services->data, read_deadline, atom::get_v,
              std::move(wanted))
    .then(
      [this, link, lease, request = x.request](file_part& part) {
        if (link != spec.link.get())
          return;
        auto answer = to_frame(protocol::file_block{request, part.size, {}},
                               std::move(part.bytes));
        answer.lease = lease;
        send(std::move(answer));
      },
      [this, link, lease, x](caf::error& e) {
        if (link == spec.link.get())
          send(refusal_of(x, problem_of(e).message, lease));
      });
}

} // namespace hearth
