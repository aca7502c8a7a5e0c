/// What a server makes of the contexts and jobs that an earlier one left: a
/// table of "found" and "becomes", which docs/operate.md shows to users and
/// from which both the start of the server and the contexts' actors decide.
#pragma once

#include <cstdint>
#include <vector>

#include "store/records.hpp"

namespace hearth {

/// A context that has no final state in the store.
struct found_context {
  enum class process_found : std::uint8_t {
    none,   ///< it had not been started
    gone,   ///< it ended
    silent, ///< it lives, but did not report in time
    lives
  };

  context_state state = context_state::running;
  process_found process = process_found::lives;
  bool start_file = true; ///< of the process; can be read
  bool ad_hoc = false;
  bool restarts = false; ///< its setting `restart` is not `never`
};

enum class context_fate : std::uint8_t {
  taken_over,
  starts_again, ///< with another process
  fails,        ///< ERROR
  finishes      ///< FINISHED
};

/// A job that has no final state in the store.
struct found_job {
  enum class entry_found : std::uint8_t {
    none,    ///< it is not in the queue
    waiting, ///< it waits for a slot
    sent     ///< it was sent, or about to be: it has a slot, or a key
  };
  enum class report : std::uint8_t {
    known,   ///< its context's agent says that it runs or has ended
    unknown, ///< the agent has reported, but does not know the job
    none     ///< the process is gone
  };

  context_fate context = context_fate::taken_over;
  job_state state = job_state::started;
  entry_found entry = entry_found::none;
  report agent = report::known;
};

enum class job_fate : std::uint8_t {
  goes_on,
  waits_on, ///< for a slot, at its place
  is_sent,  ///< to its context, now
  fails     ///< ERROR
};

/// A line of the table. The first one that applies counts.
template <class Found, class Fate>
struct recovery_rule {
  const char* found;
  const char* becomes;
  bool (*applies)(const Found&);
  Fate fate;
  const char* why; ///< the reason of the ERROR, or ""
};

using context_rule = recovery_rule<found_context, context_fate>;
using job_rule = recovery_rule<found_job, job_fate>;

const std::vector<context_rule>& context_rules();
const std::vector<job_rule>& job_rules();

/// The rule for what was found; there always is one.
const context_rule& rule_for(const found_context& found);
const job_rule& rule_for(const found_job& found);

} // namespace hearth
