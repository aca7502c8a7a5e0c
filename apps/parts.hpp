/// Spawns the long-lived actors of a server, which are called its parts. The
/// composition root owns them.
///
/// Three parts cannot be restarted. When one of them dies, the server ends, and
/// the next server reads everything that was promised from the database:
///  - the store, because the order of the writes that it had collected is lost;
///  - the binaries, whose registry in memory has to agree with the database;
///  - the supervisor, because it alone knows the actors of contexts.
///
/// All other parts are restarted, after a pause that grows:
///  - results, callbacks, dependencies, data and logs have everything that they
///    need in files (jobs that were writing a result fail);
///  - drivers finds on the disk which processes run, and ends earlier spares;
///  - access reads the file of users again;
///  - progress begins empty, since jobs report their progress again and again;
///  - content, local files and hasher, which are children of others, have no
///    memory.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/api/interfaces.hpp"
#include "actors/binaries/registry.hpp"
#include "actors/contexts/supervisor.hpp"
#include "actors/drivers/drivers.hpp"
#include "apps/data_folder.hpp"
#include "apps/faults.hpp"
#include "conf/settings.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth {

/// Called on any thread when a part that cannot be restarted has died.
using part_lost
  = std::function<void(const std::string& part, const std::string& why)>;

class parts {
public:
  parts(caf::actor_system& system, const conf::settings& settings,
        const data_folder& folder, part_lost on_lost);

  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;

  /// Spawns all parts, each after the parts that it needs. If it throws, the
  /// parts that were spawned before live on, and the caller has to end them.
  void start(std::unique_ptr<store> opened,
             std::vector<leftover_context> leftovers,
             std::shared_ptr<launch::launcher> launcher,
             const std::string& agent_socket, const node_faults& faults);

  /// Returns the handles of the parts. A handle is null if its part was not
  /// spawned.
  const actor_handles& handles() const noexcept {
    return handles_;
  }

  const drivers_actor& drivers() const noexcept {
    return drivers_;
  }

  const dependencies_actor& dependencies() const noexcept {
    return dependencies_;
  }

  /// From now on no end of a part is reported to `on_lost`.
  void expect_the_end() noexcept {
    *ending_ = true;
  }

  /// Drops all handles, so that the actors can be freed.
  void forget();

private:
  void start_services(const node_faults& faults);
  void start_binaries(std::vector<binary_record> known,
                      const std::shared_ptr<launch::launcher>& launcher,
                      const node_faults& faults);

  /// Monitors a part and reports its death to `on_lost`.
  template <class Handle>
  Handle watched(const char* name, Handle part);

  caf::actor_system& system_;
  const conf::settings& settings_;
  const data_folder& folder_;
  part_lost on_lost_;
  std::shared_ptr<std::atomic<bool>> ending_;
  actor_handles handles_;
  drivers_actor drivers_;
  dependencies_actor dependencies_;
  std::shared_ptr<binary_registry> registry_;
};

/// Returns the defaults for contexts that the server's settings make.
context_policy policy_of(const conf::settings& settings);

} // namespace hearth
