/// The agent in the process of one native context. Its `main` owns it.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "runtime/native/agent/jobs.hpp"
#include "runtime/native/agent/link.hpp"
#include "runtime/native/agent/objects.hpp"
#include "runtime/native/agent/poller.hpp"
#include "runtime/native/agent/threads.hpp"

namespace hearth::native {

/// Runs the jobs that the server sends, until the server tells it to stop or is
/// gone for too long.
class agent : private link_events {
public:
  /// @param folder where it may write files
  /// @param children makes a process for each job; null: jobs run in this one
  /// @param problem why the context cannot start, which the server is told; ""
  ///        if it can
  agent(protocol::start_file start, const std::string& folder,
        zygote* children = nullptr, std::string problem = {});

  /// Runs until the context ends.
  /// @returns the exit code of the process; if jobs still run at the end, it
  ///          does not return but ends the process, and the jobs with it
  int run();

private:
  protocol::frame hello() override;
  void welcomed(connection_id connection) override;
  void received(protocol::frame x) override;
  void lost() override;
  void tick() override;

  void stop(std::chrono::milliseconds grace);

  const protocol::start_file start_;
  const std::string problem_;
  poller poll_;
  native::link link_;
  object_table objects_;
  compute_pool pool_;
  native::jobs jobs_;
  bool ready_ = false; ///< the server was told that the context is ready
  std::thread stopper_;
};

} // namespace hearth::native
