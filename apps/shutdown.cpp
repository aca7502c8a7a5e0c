#include "apps/shutdown.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/messages.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds flush_deadline{10};

bool stop_contexts(caf::scoped_actor& self, const supervisor_actor& supervisor,
                   bool force, std::chrono::milliseconds patience) {
  auto result = false;
  self->request(supervisor, patience, atom::stop_all_v, force)
    .receive([&](atom::ok) { result = true; }, [](caf::error&) {});
  return result;
}

bool detach(caf::scoped_actor& self, const supervisor_actor& supervisor,
            std::chrono::milliseconds patience) {
  auto result = false;
  self->request(supervisor, patience, atom::detach_v)
    .receive([&](atom::ok) { result = true; }, [](caf::error&) {});
  return result;
}

bool stop_or_end(caf::scoped_actor& self, const supervisor_actor& supervisor,
                 std::chrono::milliseconds deadline) {
  auto done = stop_contexts(self, supervisor, false, deadline * 2 / 3);
  if (!done) {
    spdlog::warn("contexts take too long to stop: ending them by force");
    done = stop_contexts(self, supervisor, true, deadline / 3);
  }
  return done;
}

template <class Handle>
void end(caf::scoped_actor& self, const Handle& x) {
  self->send_exit(x, caf::exit_reason::user_shutdown);
  self->wait_for(x);
}

} // namespace

bool terminate(caf::actor_system& system, const actor_handles& actors,
               const drivers_actor& drivers, conf::shutdown_mode how,
               std::chrono::milliseconds deadline) {
  caf::scoped_actor self{system};
  auto done = how == conf::shutdown_mode::detach
                ? detach(self, actors.supervisor, deadline)
                : stop_or_end(self, actors.supervisor, deadline);
  if (!done)
    spdlog::error("contexts are still there after {} ms", deadline.count());
  end(self, actors.supervisor);
  end(self, drivers);
  end(self, actors.binaries);
  end(self, actors.data);
  end(self, actors.callbacks);
  // A read commits what was written before it.
  self
    ->request(actors.store, flush_deadline, atom::list_v, job_filter{0, {}, {}})
    .receive([](const std::vector<job_record>&) {},
             [](caf::error& e) {
               spdlog::error("the store was not flushed: {}",
                             problem_of(e).message);
             });
  end(self, actors.store);
  end(self, actors.results);
  end(self, actors.progress);
  end(self, actors.logs);
  if (actors.access)
    end(self, actors.access);
  return done;
}

} // namespace hearth
