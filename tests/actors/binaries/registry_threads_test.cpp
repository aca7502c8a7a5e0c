// The registry under several threads; the preset tsan looks at it.

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "actors/binaries/registry.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;

namespace {

constexpr int versions = 2000;
constexpr int takers = 4;

} // namespace

TEST_CASE("jobs take and leave binaries while these are replaced and deleted") {
  temp_dir dir;
  binary_registry registry{std::make_shared<content_files>(dir.path)};
  std::vector<std::atomic<bool>> removed(versions);
  std::atomic<bool> over{false};
  std::atomic<int> used_after_removal{0};
  std::atomic<long> taken_in_all{0};
  auto is_removed = [&](const protocol::binary_ref& ref) {
    return removed[static_cast<std::size_t>(std::stoi(ref.digest))].load();
  };
  std::vector<std::thread> threads;
  for (auto i = 0; i < takers; ++i)
    threads.emplace_back([&, job = "job-" + std::to_string(i)] {
      // Each takes at least once, also if it begins late.
      for (auto taken = 0; !over || taken == 0;) {
        auto lease = registry.try_take(job, {"a", "b"});
        if (!lease) {
          std::this_thread::yield();
          continue;
        }
        ++taken;
        ++taken_in_all;
        for (auto& ref : lease->refs)
          used_after_removal += is_removed(ref) ? 1 : 0;
        std::this_thread::yield();
        for (auto& ref : lease->refs)
          used_after_removal += is_removed(ref) ? 1 : 0;
        lease->lease.release();
      }
    });
  // Versions are numbered; the name is theirs in turn.
  const std::array<std::string, 2> names{"a", "b"};
  auto prune = [&] {
    for (auto& record : registry.prune())
      removed[static_cast<std::size_t>(std::stoi(record.digest))] = true;
  };
  for (auto i = 0; i < versions; ++i) {
    auto& name = names[static_cast<std::size_t>(i % 2)];
    if (i % 7 == 0 && registry.newest(name) && registry.close(name).empty())
      registry.remove(name);
    binary_record record;
    record.name = name;
    record.digest = std::to_string(i);
    registry.add(record);
    prune();
  }
  over = true;
  for (auto& thread : threads)
    thread.join();
  prune();
  CHECK(used_after_removal == 0);
  CHECK(taken_in_all >= takers);
  auto left = 0;
  for (auto& version : removed)
    left += version ? 0 : 1;
  CHECK(left == 2);
}
