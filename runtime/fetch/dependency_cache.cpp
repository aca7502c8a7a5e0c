#include "runtime/fetch/dependency_cache.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "base/private_files.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

/// How deep an artifact's version lies in `FOLDER/maven`.
constexpr int version_depth = 2;

struct entry {
  fs::path path;
  fs::file_time_type last_used;
  std::uint64_t bytes = 0;
};

std::uint64_t size_of(const fs::path& path) {
  std::error_code ec;
  if (fs::is_regular_file(path, ec))
    return fs::file_size(path);
  std::uint64_t result = 0;
  for (const auto& x : fs::recursive_directory_iterator{path})
    if (x.is_regular_file())
      result += x.file_size();
  return result;
}

std::vector<entry> entries_in(const fs::path& folder) {
  std::vector<entry> result;
  auto add = [&](const fs::directory_entry& x) {
    result.push_back({x.path(), x.last_write_time(), size_of(x.path())});
  };
  for (const auto& x : fs::directory_iterator{folder})
    if (x.is_regular_file())
      add(x);
  std::error_code none;
  fs::recursive_directory_iterator i{folder / "maven", none};
  for (; i != fs::recursive_directory_iterator{}; ++i)
    if (i.depth() == version_depth) {
      add(*i);
      i.disable_recursion_pending();
    }
  return result;
}

} // namespace

dependency_cache::dependency_cache(std::string folder, std::uint64_t max_bytes)
  : folder_(std::move(folder)), max_bytes_(max_bytes) {
  make_private_folder(folder_);
  std::vector<fs::path> left;
  for (const auto& x : fs::recursive_directory_iterator{folder_})
    if (x.path().extension() == ".part")
      left.push_back(x.path());
  for (const auto& x : left)
    fs::remove_all(x);
}

void dependency_cache::used(const std::string& path) {
  std::error_code ignored; // it is merely taken for older
  fs::last_write_time(entry_of(path), fs::file_time_type::clock::now(),
                      ignored);
}

void dependency_cache::trim(const std::set<std::string>& in_use) {
  auto all = entries_in(folder_);
  std::uint64_t total = 0;
  for (const auto& x : all)
    total += x.bytes;
  if (total <= max_bytes_)
    return;
  std::set<std::string> kept;
  for (const auto& path : in_use)
    kept.insert(entry_of(path));
  std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) {
    return x.last_used < y.last_used;
  });
  auto young = fs::file_time_type::clock::now() - grace;
  for (const auto& x : all) {
    if (total <= max_bytes_ || x.last_used > young)
      return;
    if (kept.contains(x.path.string()))
      continue;
    fs::remove_all(x.path);
    total -= x.bytes;
    spdlog::info("{} was not used for long: removed to make room",
                 x.path.string());
  }
}

std::string dependency_cache::entry_of(const std::string& path) const {
  auto relative = fs::path{path}.lexically_relative(folder_);
  auto parts = std::distance(relative.begin(), relative.end());
  auto depth = *relative.begin() == "maven" ? version_depth + 2 : 1;
  fs::path result = folder_;
  auto part = relative.begin();
  for (int i = 0; i < std::min<std::ptrdiff_t>(depth, parts); ++i)
    result /= *part++;
  return result.string();
}

} // namespace hearth
