#include "apps/recovery.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "actors/contexts/policy.hpp"
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

/// Whether another process follows one of that context that is gone.
bool comes_back(const context_record& x, const context_policy& defaults) {
  // A first start is never repeated.
  if (x.ad_hoc || x.state != context_state::running)
    return false;
  auto policy = policy_of(defaults, protocol::parse_settings(x.settings));
  return policy && policy->restart != conf::restart_mode::never;
}

/// Fills in what it takes to take the context over.
/// @returns why that cannot be, or ""
std::string claim(leftover_context& x, const std::string& data_dir,
                  const context_policy& defaults) {
  auto& r = x.record;
  if (r.state == context_state::restarting) {
    // What the old process was about to do nobody knows: another one starts.
    x.settings = protocol::parse_settings(r.settings);
    return {};
  }
  if (r.state == context_state::stopping)
    return "the server was killed while it stopped the context";
  if (r.process.pid == 0)
    return "the server was killed before the context's process had started";
  if (!launch::alive(r.process)) {
    auto why
      = std::string{"the context's process ended while there was no server"};
    if (!comes_back(r, defaults))
      return why;
    x.settings = protocol::parse_settings(r.settings);
    r.reason = {why, {}, {}, {}};
    return {};
  }
  auto start = read_start_file(data_dir, r.id);
  if (start.token.empty())
    return "the start file of the context's process cannot be read";
  x.settings = std::move(start.settings);
  x.process.token = std::move(start.token);
  return {};
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

} // namespace

recovered recover(store& db, launch::launcher& processes,
                  const std::string& data_dir, const context_policy& defaults) {
  recovered result;
  auto now = now_ms();
  std::vector<context_record> over;
  for (auto& x : db.live_contexts()) {
    leftover_context found{std::move(x), {}, {}};
    auto why = claim(found, data_dir, defaults);
    if (why.empty() && !found.process.token.empty()) {
      result.contexts.push_back(std::move(found));
      continue;
    }
    result.ended_processes += end_process(processes, found.record.process);
    if (why.empty()) {
      found.record.process = {};
      result.contexts.push_back(std::move(found));
      continue;
    }
    found.record.state = found.record.state == context_state::stopping
                           ? context_state::finished
                           : context_state::error;
    found.record.end_time = found.record.since = now;
    ++found.record.state_version;
    found.record.reason = {why, "hearth.ContextFailed", {}, {}};
    over.push_back(std::move(found.record));
  }
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
                    now,
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
