/// Makes answers that send a result from its file.
#pragma once

#include "http/core/message.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// It has copies of everything that it needs, so any thread may use it.
class result_streams {
public:
  explicit result_streams(const route_env& e)
    : system_(&e.system), results_(e.actors.results), wait_(e.longest()) {}

  /// Returns the report of a finished job, with its result.
  response report(const job_record& job) const;

  /// Returns the answer of a sync job whose result arrives while the job runs.
  /// If the client leaves, the job ends.
  response answer(const job_record& job) const;

  /// Reads the bytes of a job's result from an offset on.
  void read(const std::string& job, std::uint64_t offset,
            std::function<void(body_source::part)> give) const;

  /// Call it when the client that reads a result while it arrives has left.
  void leave(const std::string& job) const;

private:
  caf::actor_system* system_;
  results_actor results_;
  milliseconds wait_;
};

} // namespace hearth::http
