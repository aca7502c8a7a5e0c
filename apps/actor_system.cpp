#include "apps/actor_system.hpp"

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/fwd.hpp"
#include "actors/api/messages.hpp"
#include "actors/loop/io_loop.hpp"
#include "actors/loop/io_scheduler.hpp"

namespace hearth {

system_config::system_config() {
  add_message_types<caf::id_block::hearth_types>();
  add_error_category(caf::atom("hearth"), hearth::render);
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", std::size_t{1});
}

system_config& system_config::run_actors_on(asio::io_context& io) {
  module_factories.emplace_back(
    [&io](caf::actor_system& system) -> caf::actor_system::module* {
      return new io_scheduler(system, io);
    });
  return *this;
}

void run_io(asio::io_context& io, caf::actor_system& system,
            const loop_settings& settings) {
  if (auto* here = dynamic_cast<io_scheduler*>(&system.scheduler()))
    here->run(settings);
  else
    run_io(io, settings);
}

} // namespace hearth
