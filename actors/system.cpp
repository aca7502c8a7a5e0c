#include "actors/system.hpp"

#include <caf/all.hpp>

#include "actors/error.hpp"
#include "actors/fwd.hpp"
#include "actors/messages.hpp"
#include "actors/quiet_clock.hpp"

namespace hearth {

system_config::system_config(std::size_t threads) {
  add_message_types<caf::id_block::hearth_types>();
  add_error_category(caf::atom("hearth"), hearth::render);
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", threads);
}

system_config& system_config::with_quiet_clock() {
  load<quiet_scheduler>();
  return *this;
}

} // namespace hearth
