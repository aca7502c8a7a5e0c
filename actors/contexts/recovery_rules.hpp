/// The rules for contexts and jobs that an earlier server left: a table of what
/// is found and what becomes of it. The start of the server and the contexts'
/// actors decide by it, and docs/operate.md shows it to users.
#pragma once

#include <cstdint>
#include <vector>

#include "store/records.hpp"

namespace hearth {

/// A context that has no final state in the store.
struct found_context {
  enum class process_found : std::uint8_t {
    none,   ///< no process had been started
    gone,   ///< the process has ended
    silent, ///< the process lives, but did not report in time
    lives
  };

  context_state state = context_state::running;
  process_found process = process_found::lives;
  bool start_file = true; ///< whether the start file of the process is readable
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
    none,    ///< the queue has no entry of it
    waiting, ///< it waits for a slot
    sent     ///< it was sent or about to be, since it has a slot or a key
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
  waits_on, ///< it keeps its place in the queue for a slot
  is_sent,  ///< it is sent to its context now
  fails     ///< ERROR
};

/// One line of the table. The first line that applies decides.
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

/// Returns the rule that decides. There always is one.
const context_rule& rule_for(const found_context& found);
const job_rule& rule_for(const found_job& found);

} // namespace hearth
