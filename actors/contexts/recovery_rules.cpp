#include "actors/contexts/recovery_rules.hpp"

#include <algorithm>

namespace hearth {

namespace {

using process_found = found_context::process_found;
using entry_found = found_job::entry_found;
using report = found_job::report;

bool has_no_process(const found_context& found) {
  return found.process == process_found::gone
         || found.process == process_found::silent;
}

/// A first start is never repeated, and a context that was made for one job
/// ends with it.
bool comes_back(const found_context& found) {
  return found.restarts && !found.ad_hoc
         && found.state == context_state::running;
}

template <class Rules, class Found>
const auto& first_that_applies(const Rules& rules, const Found& found) {
  return *std::find_if(rules.begin(), rules.end(),
                       [&](const auto& rule) { return rule.applies(found); });
}

} // namespace

const std::vector<context_rule>& context_rules() {
  static const std::vector<context_rule> rules{
    {"a context that was `RESTARTING`", "starts again",
     [](const found_context& found) {
       return found.state == context_state::restarting;
     },
     context_fate::starts_again, ""},
    {"a context that was `STOPPING`", "its process is ended; `FINISHED`",
     [](const found_context& found) {
       return found.state == context_state::stopping;
     },
     context_fate::finishes,
     "the server was killed while it stopped the "
     "context"},
    {"a context whose process had not been started", "`ERROR`",
     [](const found_context& found) {
       return found.process == process_found::none;
     },
     context_fate::fails,
     "the server was killed before the context's process "
     "had started"},
    {"a process that is gone or does not report in time, and `restart` brings "
     "its context back",
     "what is left of the process is ended; the context starts again",
     [](const found_context& found) {
       return has_no_process(found) && comes_back(found);
     },
     context_fate::starts_again,
     "the context's process ended while there was "
     "no server"},
    {"any other process that is gone or does not report in time",
     "what is left of the process is ended; context `ERROR`", has_no_process,
     context_fate::fails,
     "the context's process ended while there was no "
     "server"},
    {"a process whose start file cannot be read",
     "the process is ended; context `ERROR`",
     [](const found_context& found) { return !found.start_file; },
     context_fate::fails,
     "the start file of the context's process cannot be "
     "read"},
    {"any other process that lives", "its context is taken over",
     [](const found_context&) { return true; }, context_fate::taken_over, ""},
  };
  return rules;
}

const std::vector<job_rule>& job_rules() {
  static const std::vector<job_rule> rules{
    {"a job of a context that becomes `ERROR` or `FINISHED`", "`ERROR`",
     [](const found_job& found) {
       return found.context == context_fate::fails
              || found.context == context_fate::finishes;
     },
     job_fate::fails, ""},
    {"a job that waited for a slot", "waits on, at its place",
     [](const found_job& found) {
       return found.entry == entry_found::waiting
              && found.state == job_state::started
              && found.agent != report::known;
     },
     job_fate::waits_on, ""},
    {"a job whose process is gone",
     "`ERROR`; it may have run, so it is not run again",
     [](const found_job& found) { return found.agent == report::none; },
     job_fate::fails, ""},
    {"a job that its process reports", "goes on, or ends as the process says",
     [](const found_job& found) { return found.agent == report::known; },
     job_fate::goes_on, ""},
    {"a job that never reached its process, with an `Idempotency-Key` or a "
     "slot from the queue",
     "is sent to its context now",
     [](const found_job& found) {
       return found.entry == entry_found::sent
              && found.state == job_state::started;
     },
     job_fate::is_sent, ""},
    {"any other job that never reached its process",
     "`ERROR`; it never ran, so a client can send it again",
     [](const found_job&) { return true; }, job_fate::fails,
     "the server was killed before the job reached its context; it never ran"},
  };
  return rules;
}

const context_rule& rule_for(const found_context& found) {
  return first_that_applies(context_rules(), found);
}

const job_rule& rule_for(const found_job& found) {
  return first_that_applies(job_rules(), found);
}

} // namespace hearth
