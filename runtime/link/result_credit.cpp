#include "runtime/link/result_credit.hpp"

#include <algorithm>

#include "runtime/protocol/frame.hpp"

namespace hearth::link {

namespace {

/// No context runs so many jobs at once; an agent that names more makes them
/// up.
constexpr std::size_t most_jobs = 100'000;

} // namespace

void result_credit::granted(const std::string& job, std::uint64_t bytes) {
  auto i = ahead_.find(job);
  if (i != ahead_.end())
    i->second -= std::min(i->second, bytes);
}

void result_credit::received(const std::string& job, std::size_t bytes) {
  auto& ahead = ahead_[job];
  ahead += bytes;
  if (ahead > window_)
    throw protocol::protocol_error("the result of job " + job + " is "
                                   + std::to_string(ahead)
                                   + " bytes ahead of its credit, "
                                   + std::to_string(window_) + " are allowed");
  if (ahead_.size() > most_jobs)
    throw protocol::protocol_error("it sends results of more than "
                                   + std::to_string(most_jobs)
                                   + " jobs at once");
}

void result_credit::ended(const std::string& job) {
  ahead_.erase(job);
}

} // namespace hearth::link
