/// Keeps the folder of jars that were fetched from other servers within a size
/// limit, by removing the least recently used ones. The actor `dependencies`
/// owns it.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace hearth {

/// An entry is either a single file, `FOLDER/FILE`, or the folder of a Maven
/// artifact and everything that it needs,
/// `FOLDER/maven/GROUP/ARTIFACT/VERSION/`. The modification time of an entry is
/// the time of its last use, so that the next server knows it, too.
///
/// Not thread-safe. Blocks on the disk.
class dependency_cache {
public:
  /// An entry that was used more recently than this is never removed, because
  /// the job that asked for it may not be registered as its user yet.
  static constexpr std::chrono::minutes grace{10};

  /// Makes the folder, and removes unfinished files of an earlier server.
  /// @param max_bytes limit for all entries together
  /// @throws std::filesystem::filesystem_error
  dependency_cache(std::string folder, std::uint64_t max_bytes);

  /// Notes that an entry is used now.
  /// @param path of the entry, or of a file in it
  void used(const std::string& path);

  /// Removes the least recently used entries until the rest is within the
  /// limit.
  /// @param in_use paths of files that must stay
  void trim(const std::set<std::string>& in_use);

private:
  std::string entry_of(const std::string& path) const;

  std::string folder_;
  std::uint64_t max_bytes_;
};

} // namespace hearth
