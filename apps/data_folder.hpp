/// The paths of everything below `hearth.data-dir`, and the functions that
/// prepare the data folder before any part of the server starts.
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

  /// Removes the results of jobs that the store has forgotten.
  void remove_results(const std::vector<std::string>& jobs) const;

  /// Removes the folders, and so the logs, of contexts that the store has
  /// forgotten.
  void remove_contexts(const std::vector<std::string>& contexts) const;
};

/// Returns the path of the file of users.
/// @throws users_error if users are enabled and the file cannot be read
std::filesystem::path check_users(const conf::settings& settings);

/// Opens the database.
/// @throws store_error
std::unique_ptr<store> open_database(const conf::settings& settings);

/// Writes the address of the agent port into the file that agents read, because
/// a later server may listen at another one. Agents never see half of the file.
/// @throws std::filesystem::filesystem_error
void write_endpoint(const data_folder& folder, const conf::settings& settings,
                    std::uint16_t port);

} // namespace hearth
