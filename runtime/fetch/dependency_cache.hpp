/// Jars that were fetched from elsewhere, in a folder that does not outgrow its
/// limit.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace hearth {

/// Two kinds of entries: a file of its own, `FOLDER/FILE`, and all that a Maven
/// artifact needs, `FOLDER/maven/GROUP/ARTIFACT/VERSION/`. When an entry was
/// used last is its time of change, so that the next server knows it too.
///
/// Not thread-safe; blocks.
class dependency_cache {
public:
  /// What was used that recently is never removed: who asked for it may not
  /// have told yet that it is in use.
  static constexpr std::chrono::minutes grace{10};

  /// Makes the folder, and removes what an earlier server left half done.
  /// @param max_bytes of all entries together
  /// @throws std::filesystem::filesystem_error
  dependency_cache(std::string folder, std::uint64_t max_bytes);

  /// That entry is used now. @param path of it, or of a file in it
  void used(const std::string& path);

  /// Removes the least recently used entries until the rest is within the
  /// limit. @param in_use paths of files that are needed further on
  void trim(const std::set<std::string>& in_use);

private:
  std::string entry_of(const std::string& path) const;

  std::string folder_;
  std::uint64_t max_bytes_;
};

} // namespace hearth
