/// An agent server on a thread of its own, and what it reports.
#pragma once

#include <memory>
#include <thread>
#include <utility>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "runtime/link/agent_server.hpp"
#include "tests/runtime/launch/temp_dir.hpp"
#include "tests/runtime/link/fake_agent.hpp"

using namespace hearth;
using namespace hearth::link;
using namespace std::chrono_literals;
using namespace std::string_literals;
using protocol::kind;

struct arrival {
  agent_link_ptr link;
  protocol::hello hello;
};

/// A server on a thread of its own.
struct fixture {
  explicit fixture(agent_server_config config = {})
    : server(std::make_unique<agent_server>(
      io, with_socket(std::move(config)),
      [this](agent_link_ptr link, const protocol::hello& hello) {
        arrivals.put({std::move(link), hello});
      })),
      thread([this] { io.run(); }) {}

  ~fixture() {
    end();
  }

  void end() {
    if (!thread.joinable())
      return;
    server->stop();
    work.reset();
    thread.join();
    server.reset();
  }

  /// Lets an agent in. @returns its link
  agent_link_ptr admit(fake_agent& agent) {
    agent.say_hello();
    auto link = arrivals.take().link;
    accept(link);
    auto answer = agent.receive();
    REQUIRE(answer);
    CHECK(answer->kind == kind::welcome);
    return link;
  }

  void accept(const agent_link_ptr& link) {
    link->accept([this](protocol::frame x) { frames.put(std::move(x)); },
                 [this](std::string reason) { closed.put(std::move(reason)); });
  }

  agent_server_config with_socket(agent_server_config x) const {
    if (x.socket.empty())
      x.socket = folder / "agent.sock";
    return x;
  }

  place where() const {
    return {server->port(), server->socket()};
  }

  temp_dir folder;
  events<arrival> arrivals;
  events<protocol::frame> frames;
  events<std::string> closed;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work{
    io.get_executor()};
  std::unique_ptr<agent_server> server;
  std::thread thread;
};

inline agent_server_config with_heartbeat(std::chrono::milliseconds x) {
  agent_server_config result;
  result.heartbeat = x;
  result.silence = 3 * x;
  return result;
}

inline agent_server_config with_hello_timeout(std::chrono::milliseconds x) {
  agent_server_config result;
  result.hello_timeout = x;
  return result;
}
