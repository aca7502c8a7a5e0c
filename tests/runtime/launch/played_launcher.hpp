/// Processes that are played by the test: they exist as numbers only.
#pragma once

#include <algorithm>
#include <map>
#include <unistd.h>
#include <utility>
#include <vector>

#include "runtime/launch/launcher.hpp"

class played_launcher : public hearth::launch::launcher {
public:
  ~played_launcher() override {
    for (auto& [pid, fd] : stdin_of)
      ::close(fd);
  }

  hearth::process_id start(const hearth::launch::process_spec& spec,
                           hearth::launch::exit_handler on_exit) override {
    if (refuses)
      throw hearth::launch::launch_error("refused");
    hearth::process_id id{next++, 1};
    specs.push_back(spec);
    // As a process has it, beyond the end of the caller's.
    if (spec.stdin_fd >= 0)
      stdin_of[id.pid] = ::dup(spec.stdin_fd);
    alive[id.pid] = std::move(on_exit);
    return id;
  }

  bool watch(hearth::process_id, hearth::launch::exit_handler) override {
    return false;
  }

  bool signal_group(hearth::process_id process, int signum) override {
    signals.emplace_back(process.pid, signum);
    return true;
  }

  hearth::launch::process_condition look(hearth::process_id process) override {
    return alive.contains(process.pid)
             ? hearth::launch::process_condition::runs
             : hearth::launch::process_condition::gone;
  }

  void forget(hearth::process_id process) override {
    forgotten.push_back(process.pid);
  }

  /// The process ends; whoever watches it is told.
  void die(std::int64_t pid, int code = 1) {
    auto on_exit = std::move(alive.at(pid));
    alive.erase(pid);
    on_exit({{pid, 1}, true, code, 0});
  }

  bool was_killed(std::int64_t pid) const {
    return std::count(signals.begin(), signals.end(), std::pair{pid, 9}) == 1
           && std::count(forgotten.begin(), forgotten.end(), pid) == 1;
  }

  bool refuses = false; ///< to start anything
  std::int64_t next = 1000;
  std::vector<hearth::launch::process_spec> specs;
  std::map<std::int64_t, hearth::launch::exit_handler> alive;
  std::map<std::int64_t, int> stdin_of;
  std::vector<std::pair<std::int64_t, int>> signals;
  std::vector<std::int64_t> forgotten;
};
