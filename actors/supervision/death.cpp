#include "actors/supervision/death.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

#include "actors/api/error.hpp"

namespace hearth {

std::string death_text(const caf::error& reason) {
  if (!reason)
    return "it ended without a reason";
  if (reason == caf::exit_reason::kill)
    return "it was killed";
  if (reason == caf::exit_reason::unreachable)
    return "nobody knew it any more";
  if (reason == caf::sec::runtime_error)
    return "an exception was not caught in it";
  return problem_of(reason).message;
}

} // namespace hearth
