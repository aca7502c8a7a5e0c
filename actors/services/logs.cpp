#include "actors/services/logs.hpp"

#include <algorithm>

#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "store/files/log_file.hpp"

namespace hearth {

logs_actor::behavior_type logs(logs_actor::stateful_pointer<logs_state> self,
                               std::string folder) {
  self->state.folder = std::move(folder);
  self->state.since = now_ms();
  auto file = [=](const std::string& context) {
    return self->state.folder + "/" + context + "/driver.log";
  };
  return {
    [=](atom::list, const std::string& context, const std::string& job,
        std::int32_t lines) {
      return last_lines(file(context), job,
                        static_cast<std::size_t>(std::max(lines, 0)));
    },
    [=](atom::get, const std::string& context, const std::string& job,
        std::uint64_t offset) {
      return lines_from(file(context), job, offset);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{
        own_status(self, "logs", "", "open", 0, self->state.since)};
    },
  };
}

} // namespace hearth
