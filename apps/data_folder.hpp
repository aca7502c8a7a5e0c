/// What lies where below `hearth.data-dir`, and what has to be there before any
/// part of the server starts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "conf/settings.hpp"
#include "store/store.hpp"

namespace hearth {

/// Paths below the data folder.
struct data_folder {
  explicit data_folder(const conf::settings& settings);

  std::string root;
  std::string results;
  std::string contexts;
  std::string callbacks;
  std::string binaries;
  std::string data;
  std::string dependencies;
  std::string agent_socket;   ///< absolute
  std::string agent_endpoint; ///< absolute

  /// Makes the folders that parts expect to find.
  /// @throws std::filesystem::filesystem_error
  void make() const;

  /// Removes the results of those jobs, which the store has forgotten.
  void remove_results(const std::vector<std::string>& jobs) const;

  /// Removes the folders of those contexts: they hold their logs.
  void remove_contexts(const std::vector<std::string>& contexts) const;
};

/// The file of users. @throws users_error if it is used and cannot be read
std::filesystem::path check_users(const conf::settings& settings);

/// Opens the database. @throws store_error
std::unique_ptr<store> open_database(const conf::settings& settings);

/// Writes where agents find the agent port into a file, since a later server
/// may listen elsewhere. Agents never see half of it.
/// @throws std::filesystem::filesystem_error
void write_endpoint(const data_folder& folder, const conf::settings& settings,
                    std::uint16_t port);

} // namespace hearth
