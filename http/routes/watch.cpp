// Watching: the progress of jobs, and the logs of contexts and jobs.

#include <algorithm>
#include <atomic>
#include <memory>

#include <caf/event_based_actor.hpp>

#include "actors/api/messages.hpp"
#include "http/core/json.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

constexpr int default_lines = 1000;
constexpr int most_lines = 100'000;

/// The pause before a log to which nothing was added is read again.
constexpr milliseconds pause{200};

/// The context or the job whose log it is.
struct subject {
  std::string context_id;
  std::string job; ///< "": all of the context
};

/// The state of a client that follows a log until its context or job is over.
struct log_follower {
  actor_handles actors;
  milliseconds wait;
  subject whose;
  std::string name; ///< of the context
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> gone{false}; ///< nobody reads any more
};

using follower_ptr = std::shared_ptr<log_follower>;
using receiver = std::function<void(body_source::part)>;

/// Reads new lines, once there are some or there will never be any.
void read_on(caf::event_based_actor* self, const follower_ptr& log,
             const receiver& give, bool over);

/// Checks whether the job or context is over before it reads, so that the last
/// lines are read, too.
void look(caf::event_based_actor* self, const follower_ptr& log,
          const receiver& give) {
  if (log->gone)
    return self->quit();
  auto fail = [give](const caf::error&) { give({{}, false, true}); };
  if (!log->whose.job.empty()) {
    self
      ->request(log->actors.store, log->wait, atom::get_v, atom::by_id_v,
                log->whose.job)
      .then(
        [=](const job_record& job) {
          read_on(self, log, give, is_final(job.state));
        },
        fail);
    return;
  }
  self->request(log->actors.supervisor, log->wait, atom::get_v, log->name)
    .then(
      [=](const context_record& context) {
        // Another one of that name may have taken its place.
        read_on(self, log, give,
                is_final(context.state) || context.id != log->whose.context_id);
      },
      fail);
}

void read_on(caf::event_based_actor* self, const follower_ptr& log,
             const receiver& give, bool over) {
  auto before = log->next.load();
  self
    ->request(log->actors.logs, log->wait, atom::get_v, log->whose.context_id,
              log->whose.job, before)
    .then(
      [=](log_block& block) {
        log->next = block.next;
        auto end = over && block.next == before;
        if (!block.text.empty() || end)
          give({std::move(block.text), end, false});
        else if (block.next != before)
          look(self, log, give); // all of it was others'
        else
          self->delayed_send(self, pause, atom::tick_v);
      },
      [give](const caf::error&) {
        give({{}, false, true});
      });
}

class log_source final : public body_source {
public:
  log_source(caf::actor_system& system, follower_ptr log)
    : system_(system), log_(std::move(log)) {}

  ~log_source() override {
    log_->gone = true;
  }

  void read(std::uint64_t, receiver give) override {
    auto run
      = [log = log_, give = std::move(give)](caf::event_based_actor* self) {
          auto done = [=](part next) {
            give(std::move(next));
            self->quit();
          };
          self->become([=](atom::tick) { look(self, log, done); });
          look(self, log, done);
        };
    system_.spawn(std::move(run));
  }

  bool endless() const noexcept override {
    return true;
  }

private:
  caf::actor_system& system_;
  follower_ptr log_;
};

/// Answers with the last lines of a log, and goes on if the client follows it.
/// @param find `self, then(context_id, context_name)`: finds the context of the
/// log
template <class Find>
void answer_log(const route_env& e, const exchange_ptr& call, std::string job,
                Find find) {
  auto lines
    = std::clamp(call->in.query.number("lines", default_lines), 0, most_lines);
  auto follow = call->in.query.flag("follow", false);
  auto run = [=, &system = e.system, actors = e.actors,
              wait = e.wait.lookup](caf::event_based_actor* self) {
    auto fail
      = [call](const caf::error& error) { call->answer(failure(error)); };
    auto found = [=, &system](const std::string& id, const std::string& name) {
      self->request(actors.logs, wait, atom::list_v, id, job, lines)
        .then(
          [=, &system](log_block& block) {
            response result;
            result.content_type = "text/plain; charset=UTF-8";
            result.body = std::move(block.text);
            if (follow) {
              auto log = std::make_shared<log_follower>();
              log->actors = actors;
              log->wait = wait;
              log->whose = {id, job};
              log->name = name;
              log->next = block.next;
              result.source = std::make_shared<log_source>(system, log);
            }
            call->answer(std::move(result));
          },
          fail);
    };
    find(self, found, fail);
  };
  e.system.spawn(std::move(run));
}

} // namespace

void get_context_logs(const route_env& e, const exchange_ptr& call) {
  answer_log(
    e, call, {},
    [name = checked_name(call->in.path[1]), supervisor = e.actors.supervisor,
     wait = e.wait.lookup](auto* self, auto found, auto fail) {
      self->request(supervisor, wait, atom::get_v, name)
        .then([=](const context_record& r) { found(r.id, r.name); }, fail);
    });
}

void get_job_logs(const route_env& e, const exchange_ptr& call) {
  auto id = checked_name(call->in.path[1]);
  answer_log(
    e, call, id,
    [id, store = e.actors.store, wait = e.wait.lookup](auto* self, auto found,
                                                       auto fail) {
      self->request(store, wait, atom::get_v, atom::by_id_v, id)
        .then([=](const job_record& r) { found(r.context_id, r.context_name); },
              fail);
    });
}

void get_job_progress(const route_env& e, const exchange_ptr& call) {
  auto run = [call, id = checked_name(call->in.path[1]), actors = e.actors,
              wait = e.wait.lookup](caf::event_based_actor* self) {
    auto fail
      = [call](const caf::error& error) { call->answer(failure(error)); };
    self->request(actors.store, wait, atom::get_v, atom::by_id_v, id)
      .then(
        [=](const job_record& job) {
          self->request(actors.progress, wait, atom::get_v, job.id)
            .then(
              [=](const job_progress& progress) {
                call->answer(with_json(json::progress(job, progress)));
              },
              fail);
        },
        fail);
  };
  e.system.spawn(std::move(run));
}

} // namespace hearth::http
