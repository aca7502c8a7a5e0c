/// Routes over fake actors, without sockets.
#pragma once

#include <caf/scheduler/test_coordinator.hpp>

#include "http/routes/table.hpp"
#include "tests/http/fakes.hpp"

namespace hearth::test {

using namespace hearth::http;

class fake_exchange final : public exchange {
public:
  response got;
  bool keeps_place = false; ///< as an answer that is not counted yet

private:
  void send(response x) override {
    got = std::move(x);
    if (!keeps_place)
      got.place.reset();
  }
};

struct test_config : system_config {
  test_config() {
    set("scheduler.policy", caf::atom("testing"));
  }
};

/// Routes over fake actors on the deterministic scheduler, without sockets.
struct fixture {
  test_config config;
  script todo;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  route_env e{system,
              {system.spawn(fake_supervisor, &todo),
               system.spawn(fake_binaries, &todo), system.spawn(fake_store),
               system.spawn(fake_data), system.spawn(fake_results, &todo),
               system.spawn(fake_callbacks), system.spawn(progress),
               system.spawn(logs, "/nowhere")},
              {},
              fake_parsers(),
              {}};
  job_request job;         ///< the last one that was run
  context_request context; ///< the last one that was created
  binary_upload upload;    ///< the last one that was stored

  fixture() {
    sched.run();
    todo.run = [this](const job_request& x) -> caf::result<job_record> {
      job = x;
      auto record = finished_job("j1");
      if (!x.sync)
        record.state = job_state::started;
      return record;
    };
    todo.create
      = [this](const context_request& x) -> caf::result<context_record> {
      context = x;
      return context_record{};
    };
    todo.put = [this](const binary_upload& x) -> caf::result<binary_record> {
      upload = x;
      return binary_record{};
    };
  }

  ~fixture() {
    todo.held.clear();
    caf::anon_send_exit(e.actors.supervisor, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.binaries, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.store, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.data, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.results, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.callbacks, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.progress, caf::exit_reason::kill);
    caf::anon_send_exit(e.actors.logs, caf::exit_reason::kill);
    sched.run();
  }

  std::shared_ptr<fake_exchange> start(method verb, std::string_view target,
                                       const std::string& body = {},
                                       std::string_view type = {},
                                       std::string_view origin = {}) {
    auto x = std::make_shared<fake_exchange>();
    x->in.verb = verb;
    x->in.raw_target = target;
    x->in.shared_body = std::make_shared<std::string>(body);
    x->in.body = *x->in.shared_body;
    x->in.content_type = type;
    x->in.origin = origin;
    dispatch(e, x);
    return x;
  }

  response call(method verb, std::string_view target,
                const std::string& body = {}, std::string_view type = {},
                std::string_view origin = {}) {
    auto x = start(verb, target, body, type, origin);
    sched.run();
    return x->got;
  }

  response get(std::string_view target) {
    return call(method::get, target);
  }

  response post(std::string_view target, const std::string& body = {},
                std::string_view type = {}) {
    return call(method::post, target, body, type);
  }
};

inline std::string header(const response& x, std::string_view name) {
  for (const auto& [key, value] : x.headers)
    if (key == name)
      return value;
  return {};
}

inline std::string error(const std::string& text) {
  return R"({"status":"ERROR","result":")" + text + "\"}";
}

inline const std::string zip = "PK\3\4 and more";

} // namespace hearth::test
