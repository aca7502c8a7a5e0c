#include "runtime/native/agent/agent.hpp"

#include <cstdlib>
#include <thread>
#include <unistd.h>

#include "runtime/native/agent/log.hpp"
#include "runtime/native/agent/settings.hpp"
#include "runtime/protocol/messages.hpp"

namespace hearth::native {

namespace {

/// The time in which jobs have to end if nobody has set one.
constexpr std::chrono::seconds orphan_grace{10};

const std::string interface_version
  = std::to_string(HEARTH_ABI_MAJOR) + "." + std::to_string(HEARTH_ABI_MINOR);

} // namespace

agent::agent(protocol::start_file start, const std::string& folder,
             zygote* children, std::string problem)
  : start_(std::move(start)), problem_(std::move(problem)),
    link_(start_, *this, poll_), pool_(cores(start_)),
    jobs_(link_, poll_, {start_, link_, objects_, pool_}, folder, children) {
  // nop
}

int agent::run() {
  auto why = link_.serve();
  if (!why.empty()) {
    log_line("ERROR", {}, "context " + start_.context_name + " ends: " + why);
    jobs_.stop();
  }
  if (stopper_.joinable())
    stopper_.join();
  auto code = why.empty() && problem_.empty() ? 0 : 1;
  // `stop` has waited for the jobs already. If there is no server, nothing has
  // waited for them yet.
  if (!jobs_.wait_idle(why.empty() ? std::chrono::seconds{0} : orphan_grace))
    std::_Exit(code);
  return code;
}

protocol::frame agent::hello() {
  protocol::hello x;
  x.context_id = start_.context_id;
  x.token = start_.token;
  x.pid = ::getpid();
  x.runtime = "native, job interface " + interface_version;
  x.ready = ready_;
  x.running = jobs_.running();
  x.ended = jobs_.ended();
  return to_frame(x);
}

void agent::welcomed(connection_id connection) {
  if (!problem_.empty()) {
    link_.send(connection, protocol::context_failed_frame(
                             {problem_, "hearth::bad_setting",
                              "hearth::bad_setting: " + problem_}));
    return link_.close();
  }
  ready_ = true;
  link_.send(connection,
             to_frame(protocol::context_ready{{}, {}, interface_version}));
  jobs_.connected(connection);
}

void agent::lost() {
  jobs_.connected(0);
}

void agent::received(protocol::frame x) {
  using protocol::kind;
  switch (x.kind) {
    case kind::run_job: {
      auto job = protocol::parse_run_job(x);
      // The libraries of the context come after those of the job.
      for (auto& path : start_.jars)
        job.binaries.push_back({path, "Native", path, path});
      jobs_.run(std::move(job), std::move(x.payload));
      return;
    }
    case kind::kill_job:
      jobs_.kill(protocol::parse_job(x));
      return;
    case kind::credit: {
      auto credit = protocol::parse_credit(x);
      jobs_.add_credit(credit.job, credit.bytes);
      return;
    }
    case kind::job_stored:
      jobs_.stored(protocol::parse_job(x));
      return;
    case kind::stop:
      stop(std::chrono::milliseconds{protocol::parse_stop(x)});
      return;
    default:
      throw protocol::protocol_error(std::string{"a frame "}
                                     + protocol::name_of(x.kind)
                                     + " that servers do not send");
  }
}

void agent::tick() {
  jobs_.tick();
}

void agent::stop(std::chrono::milliseconds grace) {
  if (stopper_.joinable())
    return; // told so before
  log_line("INFO", {}, "stopped by the server");
  link_.send(link_.connection(), protocol::stopping_frame());
  jobs_.stop();
  // Elsewhere: the link still has pings to answer.
  stopper_ = std::thread{[this, grace] {
    jobs_.wait_idle(grace);
    link_.close();
  }};
}

} // namespace hearth::native
