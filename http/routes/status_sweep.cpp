#include "http/routes/status_sweep.hpp"

#include <iterator>
#include <memory>
#include <utility>

#include <caf/all.hpp>

#include "actors/api/status.hpp"

namespace hearth::http {

namespace {

using statuses = std::vector<actor_status>;

/// One sweep, on the thread of the actor that makes it.
class sweep : public std::enable_shared_from_this<sweep> {
public:
  sweep(caf::event_based_actor* self, std::shared_ptr<actor_pool> pool,
        milliseconds wait, sweep_handler done)
    : self_(self), pool_(std::move(pool)), wait_(wait), done_(std::move(done)) {
  }

  void run(const actor_handles& parts, const status_actor& drivers,
           sweep_depth depth) {
    if (depth == sweep_depth::contexts)
      ask(parts.supervisor, "supervisor");
    else
      ask_whether_it_lives(parts.supervisor);
    ask(parts.binaries, "binaries");
    ask(parts.store, "store");
    ask(parts.data, "data");
    ask(parts.results, "results");
    ask(parts.callbacks, "callbacks");
    ask(parts.progress, "progress");
    ask(parts.logs, "logs");
    if (parts.access)
      ask(parts.access, "access");
    // A full sweep has its line from the supervisor.
    if (drivers && depth == sweep_depth::parts)
      ask(drivers, "drivers");
  }

private:
  template <class Handle>
  void ask(const Handle& part, const char* name) {
    ++open_;
    self_->request(part, wait_, atom::status_v)
      .then([self = shared_from_this()](
              statuses& lines) { self->add(std::move(lines)); },
            [self = shared_from_this(), name](const caf::error& e) {
              self->miss(name, e);
            });
  }

  /// The supervisor's own status asks each context and each job.
  void ask_whether_it_lives(const supervisor_actor& supervisor) {
    ++open_;
    self_->request(supervisor, wait_, atom::list_v)
      .then([self = shared_from_this()](
              const std::vector<std::string>&) { self->add({}); },
            [self = shared_from_this()](const caf::error& e) {
              self->miss("supervisor", e);
            });
  }

  void add(statuses&& lines) {
    lines_.insert(lines_.end(), std::make_move_iterator(lines.begin()),
                  std::make_move_iterator(lines.end()));
    finish_one();
  }

  void miss(const char* name, const caf::error& e) {
    actor_status line;
    line.name = name;
    line.state = status_without_answer(e);
    lines_.push_back(std::move(line));
    all_answered_ = false;
    finish_one();
  }

  void finish_one() {
    if (--open_ > 0)
      return;
    if (all_answered_)
      pool_->give_back(self_);
    else
      pool_->retire(self_); // a silent part still holds its request
    done_(std::move(lines_));
  }

  caf::event_based_actor* self_;
  std::shared_ptr<actor_pool> pool_;
  milliseconds wait_;
  sweep_handler done_;
  statuses lines_;
  std::size_t open_ = 0;
  bool all_answered_ = true;
};

} // namespace

void sweep_status(const route_env& e, sweep_depth depth, sweep_handler done) {
  auto run = [parts = e.actors, drivers = e.drivers, pool = e.pool,
              wait = e.wait.health, depth,
              done = std::move(done)](caf::event_based_actor* self) {
    std::make_shared<sweep>(self, pool, wait, done)->run(parts, drivers, depth);
  };
  e.pool->run(e.system, {std::move(run)});
}

} // namespace hearth::http
