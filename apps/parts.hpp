/// The long-lived actors of a server, its parts.
///
/// Three of them cannot be restarted. When one dies, the server ends, and the
/// next one reads what was promised from the database:
///  - the store: the order of the writes that it had collected is lost;
///  - the binaries: their index in memory has to agree with the database;
///  - the supervisor: it alone knows the actors of contexts.
///
/// All others restart, with a pause that grows:
///  - results, callbacks, dependencies, data and logs have all they need in
///    files (jobs that were writing a result fail);
///  - drivers finds on the disk what runs; its last life's spares are ended;
///  - access reads the file of users anew;
///  - progress begins empty: jobs tell their progress again and again;
///  - content, local files and hasher, the children of others, have no memory.
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

/// A part that cannot be restarted has died; on any thread.
using part_lost
  = std::function<void(const std::string& part, const std::string& why)>;

class parts {
public:
  parts(caf::actor_system& system, const conf::settings& settings,
        const data_folder& folder, part_lost on_lost);

  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;

  /// Spawns all of them, each after those it needs. If it throws, those that
  /// were spawned live: the caller ends them as it would end all.
  void start(std::unique_ptr<store> opened,
             std::vector<leftover_context> leftovers,
             std::shared_ptr<launch::launcher> launcher,
             const std::string& agent_socket, const node_faults& faults);

  /// Handles are null for parts that were not spawned.
  const actor_handles& handles() const noexcept {
    return handles_;
  }

  const drivers_actor& drivers() const noexcept {
    return drivers_;
  }

  const dependencies_actor& dependencies() const noexcept {
    return dependencies_;
  }

  /// Their deaths are expected from now on.
  void expect_the_end() noexcept {
    *ending_ = true;
  }

  /// Lets go of all handles.
  void forget();

private:
  void start_services(const node_faults& faults);
  void start_binaries(std::vector<binary_record> known,
                      const std::shared_ptr<launch::launcher>& launcher,
                      const node_faults& faults);

  /// Hands the death of a part to `on_lost`.
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

/// What of the settings holds for each context.
context_policy policy_of(const conf::settings& settings);

} // namespace hearth
