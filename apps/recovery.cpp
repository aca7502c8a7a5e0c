#include "apps/recovery.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "actors/contexts/policy.hpp"
#include "actors/contexts/recovery_rules.hpp"
#include "base/clock.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

/// The start file of a context's process; nothing if it cannot be read.
protocol::start_file read_start_file(const std::string& data_dir,
                                     const std::string& id) {
  std::ifstream file{fs::path{data_dir} / "contexts" / id / "agent.json"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  try {
    return protocol::parse_start_file(text);
  } catch (const protocol::protocol_error&) {
    return {};
  }
}

/// Whether the settings of a context ask for another process.
bool restarts(const context_record& context, const context_policy& defaults) {
  auto policy = policy_of(defaults, protocol::parse_settings(context.settings));
  return policy && policy->restart != conf::restart_mode::never;
}

found_context look_at(const context_record& context,
                      const protocol::start_file& start,
                      const context_policy& defaults) {
  using process_found = found_context::process_found;
  found_context found;
  found.state = context.state;
  found.process = context.process.pid == 0         ? process_found::none
                  : launch::alive(context.process) ? process_found::lives
                                                   : process_found::gone;
  found.start_file = !start.token.empty();
  found.ad_hoc = context.ad_hoc;
  found.restarts = restarts(context, defaults);
  return found;
}

/// @returns whether the process lived
bool end_process(launch::launcher& processes, const process_id& x) {
  // Watched first: only a process that is watched is known to be that one.
  if (x.pid == 0 || !processes.watch(x, [](const launch::process_exit&) {}))
    return false;
  processes.signal_group(x, SIGKILL);
  processes.forget(x);
  return true;
}

problem lost_with(const context_record& x) {
  auto what
    = "Unexpected termination of context " + x.name + ": " + x.reason.message;
  auto error_class = std::string{"spark.jobserver.ContextTerminatedException"};
  return {what, error_class, error_class + ": " + what, {}};
}

/// Gives the record of a context that is not taken over its final state.
void end(context_record& context, const context_rule& rule, millis now) {
  context.state = rule.fate == context_fate::finishes ? context_state::finished
                                                      : context_state::error;
  context.end_time = context.since = now;
  ++context.state_version;
  context.reason = {rule.why, "hearth.ContextFailed", {}, {}};
}

/// The contexts that go on are added to `result.contexts`, those that ended to
/// `over`.
void recover_contexts(store& db, launch::launcher& processes,
                      const std::string& data_dir,
                      const context_policy& defaults, recovered& result,
                      std::vector<context_record>& over) {
  for (auto& record : db.live_contexts()) {
    auto start = read_start_file(data_dir, record.id);
    auto& rule = rule_for(look_at(record, start, defaults));
    leftover_context found{std::move(record), {}, {}};
    if (rule.fate == context_fate::taken_over) {
      found.settings = std::move(start.settings);
      found.process.token = std::move(start.token);
      result.contexts.push_back(std::move(found));
      continue;
    }
    result.ended_processes += end_process(processes, found.record.process);
    if (rule.fate != context_fate::starts_again) {
      end(found.record, rule, now_ms());
      over.push_back(std::move(found.record));
      continue;
    }
    found.settings = protocol::parse_settings(found.record.settings);
    found.record.process = {};
    if (*rule.why != '\0')
      found.record.reason = {rule.why, {}, {}, {}};
    result.contexts.push_back(std::move(found));
  }
}

} // namespace

recovered recover(store& db, launch::launcher& processes,
                  const std::string& data_dir, const context_policy& defaults) {
  recovered result;
  std::vector<context_record> over;
  recover_contexts(db, processes, data_dir, defaults, result, over);
  std::map<std::string, leftover_context*> owners;
  for (auto& x : result.contexts)
    owners[x.record.id] = &x;
  std::map<std::string, const context_record*> ended;
  for (auto& x : over)
    ended[x.id] = &x;
  std::vector<job_update> lost;
  std::map<std::string, queue_entry> queued;
  for (auto& x : db.queued_jobs())
    queued[x.job] = std::move(x);
  for (auto& x : db.live_jobs()) {
    // Such jobs are decided on once their context's process has reported.
    if (auto i = owners.find(x.context_id); i != owners.end()) {
      auto entry = queued.find(x.id);
      if (x.state != job_state::started || entry == queued.end()) {
        i->second->process.jobs.push_back(std::move(x));
        continue;
      }
      x.config = db.job_config(x.id).value_or("{}");
      i->second->process.queued.emplace_back(std::move(x), entry->second);
      queued.erase(entry);
      continue;
    }
    auto i = ended.find(x.context_id);
    context_record unknown;
    unknown.name = x.context_name;
    unknown.reason.message = "the server was killed";
    lost.push_back({x.id,
                    job_state::error,
                    now_ms(),
                    lost_with(i == ended.end() ? unknown : *i->second),
                    {},
                    0,
                    x.run_time});
  }
  if (!over.empty() || !lost.empty() || !queued.empty())
    db.transaction(durability::flushed, [&] {
      for (auto& x : over)
        db.put(x);
      for (auto& x : lost)
        db.update(x);
      for (auto& [id, entry] : queued)
        db.dequeue(id);
    });
  result.ended_contexts = over.size();
  result.ended_jobs = lost.size();
  return result;
}

} // namespace hearth
