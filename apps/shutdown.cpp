#include "apps/shutdown.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <set>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/messages.hpp"

namespace hearth {

namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

/// The server needs that long to write the last answers, see http::server.
constexpr milliseconds last_answers{1000};

class server_stop {
public:
  server_stop(const stop_subject& subject, const stop_rules& rules)
    : subject_(subject), rules_(rules), until_(clock::now() + rules.limit) {}

  std::vector<std::string> run() {
    subject_.parts.expect_the_end();
    subject_.loop.start(); // a start that failed may not have come to it
    if (rules_.drain && subject_.http) {
      rules_.on_step("answering what is under way");
      drain();
    }
    rules_.on_step("looking whether the event loop turns");
    if (loop_turns()) {
      rules_.on_step("stopping the contexts");
      stop_contexts();
      rules_.on_step("letting go of requests");
      release_requests();
      rules_.on_step("ending the parts");
      end_users_of_the_store();
      rules_.on_step("flushing the store");
      end_store();
      rules_.on_step("ending the services");
      end_services();
      rules_.on_step("closing the agents' connections");
      close_links();
      rules_.on_step("ending the event loop");
      end_loop();
    } else {
      give_up("the event loop, which hangs, and with it the contexts: they "
              "live on");
      rules_.on_step("flushing the store");
      end_store();
    }
    return std::move(given_up_);
  }

private:
  milliseconds remaining() const {
    auto left = std::chrono::duration_cast<milliseconds>(until_ - clock::now());
    return std::max(left, milliseconds{0});
  }

  void give_up(std::string what) {
    given_up_.push_back(std::move(what));
  }

  void drain() {
    auto limit = rules_.limit / 3;
    auto drained = std::make_shared<std::promise<void>>();
    auto done = drained->get_future();
    subject_.http->stop(limit, [drained] { drained->set_value(); });
    auto grace = std::min(last_answers, rules_.limit / 6);
    done.wait_for(limit + grace); // what is not answered is closed below
  }

  bool loop_turns() {
    return subject_.loop.run_there([] {}, remaining() / 4);
  }

  template <class... Ts>
  static bool ask(caf::scoped_actor& self, const supervisor_actor& supervisor,
                  milliseconds patience, Ts... xs) {
    auto answered = false;
    self->request(supervisor, patience, xs...)
      .receive([&](atom::ok) { answered = true; }, [](caf::error&) {});
    return answered;
  }

  /// Leaves a quarter of the time for the steps that follow.
  void stop_contexts() {
    const auto& supervisor = subject_.parts.handles().supervisor;
    if (!supervisor)
      return;
    caf::scoped_actor self{subject_.loop.system()};
    auto limit = remaining() * 3 / 4;
    if (rules_.mode == conf::shutdown_mode::detach) {
      if (!ask(self, supervisor, limit, atom::detach_v))
        give_up("letting go of the contexts: they live on");
      return;
    }
    if (ask(self, supervisor, limit * 2 / 3, atom::stop_all_v, false))
      return;
    spdlog::warn("contexts take too long to stop: ending them by force");
    if (!ask(self, supervisor, limit / 3, atom::stop_all_v, true))
      give_up("contexts that do not end by force");
  }

  /// Actors of the pool end when nobody can use them again.
  void release_requests() {
    if (auto* http = subject_.http)
      subject_.loop.run_there([http] { http->release(); }, remaining() / 4);
  }

  /// Ends those actors and waits for them. Those that do not end in time are
  /// named by `end_loop`.
  void end_all(const std::vector<caf::actor>& all) {
    caf::scoped_actor self{subject_.loop.system()};
    std::set<caf::actor_addr> open;
    for (const auto& x : all)
      if (x) {
        self->monitor(x);
        open.insert(x.address());
        self->send_exit(x, caf::exit_reason::user_shutdown);
      }
    auto until = clock::now() + remaining() / 3;
    while (!open.empty() && clock::now() < until)
      self->receive([&](caf::down_msg& x) { open.erase(x.source); },
                    caf::after(until - clock::now()) >> [] {});
  }

  template <class... Handles>
  void end_parts(const Handles&... xs) {
    end_all({caf::actor_cast<caf::actor>(xs)...});
  }

  void end_users_of_the_store() {
    const auto& all = subject_.parts.handles();
    end_parts(all.supervisor);
    end_parts(subject_.parts.drivers(), all.binaries, all.data, all.callbacks,
              subject_.parts.dependencies());
  }

  /// A read makes the store commit all earlier writes.
  void end_store() {
    const auto& store = subject_.parts.handles().store;
    if (!store)
      return;
    {
      caf::scoped_actor self{subject_.loop.system()};
      self->request(store, remaining() / 2, atom::list_v, job_filter{0, {}, {}})
        .receive([](const std::vector<job_record>&) {},
                 [this](caf::error& e) {
                   give_up("flushing the store: " + problem_of(e).message);
                 });
    }
    end_parts(store);
  }

  void end_services() {
    const auto& all = subject_.parts.handles();
    end_parts(all.results, all.progress, all.logs, all.access);
  }

  void close_links() {
    if (subject_.agents)
      subject_.agents->stop(); // its connections keep actors
    auto* parts = &subject_.parts;
    subject_.loop.run_there([parts] { parts->forget(); }, remaining() / 4);
  }

  void end_loop() {
    if (subject_.loop.stop(remaining()))
      return;
    auto alive = living_parts();
    for (auto& name : alive)
      give_up("the part " + name + ", which is busy or hangs");
    if (alive.empty())
      give_up("requests that still wait for an answer");
  }

  stop_subject subject_;
  const stop_rules& rules_;
  clock::time_point until_;
  std::vector<std::string> given_up_;
};

} // namespace

std::vector<std::string> stop_server(const stop_subject& subject,
                                     const stop_rules& rules) {
  return server_stop{subject, rules}.run();
}

} // namespace hearth
