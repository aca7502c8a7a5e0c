#include "actors/storage/list_reader.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"

namespace hearth {

caf::result<std::vector<job_record>>
list_reader_state::list(const job_filter& filter) {
  try {
    return database->jobs(filter);
  } catch (const std::exception& e) {
    spdlog::warn("store: a list could not be read: {}", e.what());
    return make_error(ec::store_failed,
                      std::string{"the list cannot be read: "} + e.what());
  }
}

list_reader_actor::behavior_type
list_reader(list_reader_actor::stateful_pointer<list_reader_state> self,
            std::shared_ptr<store_reader> database, std::uint64_t parent) {
  self->state.database = std::move(database);
  self->state.parent = parent;
  self->state.since = now_ms();
  return {
    [=](atom::list, const job_filter& filter) {
      return self->state.list(filter);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{own_status(self, "list reader", "", "open",
                                    self->state.parent, self->state.since)};
    },
  };
}

} // namespace hearth
