/// Answers that send a result from the file that it lies in.
#pragma once

#include "http/core/message.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// Makes such answers. It holds copies of what it needs, so it may be used on
/// any thread.
class result_streams {
public:
  explicit result_streams(const route_env& e)
    : system_(&e.system), results_(e.actors.results), wait_(e.longest()) {}

  /// The report of a finished job, its result included.
  response report(const job_record& job) const;

  /// The answer of a sync job whose result comes while it runs; a client that
  /// leaves ends the job.
  response answer(const job_record& job) const;

  /// The bytes of a job's result from an offset on.
  void read(const std::string& job, std::uint64_t offset,
            std::function<void(body_source::part)> give) const;

  /// The client that reads a result as it comes has gone.
  void leave(const std::string& job) const;

private:
  caf::actor_system* system_;
  results_actor results_;
  milliseconds wait_;
};

} // namespace hearth::http
