/// The process of one native context.
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

/// Runs what the server tells it to, until it is told to stop, or the server is
/// gone for too long.
class agent : private link_events {
public:
  /// @param folder where it may write
  /// @param children makes a process for each job; null: jobs run in this one
  /// @param problem why there can be no context, told to the server; "": none
  agent(protocol::start_file start, const std::string& folder,
        zygote* children = nullptr, std::string problem = {});

  /// Runs to the end of the process, with the exit code that it returns. Does
  /// not return if jobs still run then: the process ends under them.
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
  bool ready_ = false; ///< the server was told so
  std::thread stopper_;
};

} // namespace hearth::native
