/// The folder of jars that were fetched from other servers, which is kept
/// within a limit by removing those that were not used for longest.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace hearth {

/// An entry is either a single file, `FOLDER/FILE`, or the folder of a Maven
/// artifact and all that it needs, `FOLDER/maven/GROUP/ARTIFACT/VERSION/`. Its
/// modification time says when it was used last, so that the next server knows
/// it, too.
///
/// Not thread-safe. Blocks on the disk.
class dependency_cache {
public:
  /// An entry that was used more recently is never removed: the job that asked
  /// for it may not have said yet that it uses it.
  static constexpr std::chrono::minutes grace{10};

  /// Makes the folder, and removes what an earlier server left half done.
  /// @param max_bytes of all entries together
  /// @throws std::filesystem::filesystem_error
  dependency_cache(std::string folder, std::uint64_t max_bytes);

  /// Notes that an entry is used now. @param path of it, or of a file in it
  void used(const std::string& path);

  /// Removes the least recently used entries until the rest is within the
  /// limit. @param in_use paths of files that must stay
  void trim(const std::set<std::string>& in_use);

private:
  std::string entry_of(const std::string& path) const;

  std::string folder_;
  std::uint64_t max_bytes_;
};

} // namespace hearth
