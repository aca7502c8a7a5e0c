// Pi by throwing darts on all cores, with progress: { darts = 100000000 }

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <hearth/job.hpp>
#include <map>
#include <random>
#include <string>

namespace {

constexpr std::uint64_t darts_a_round = 1'000'000;

std::uint64_t hits(std::uint64_t seed, std::uint64_t darts) {
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> side{0, 1};
  std::uint64_t result = 0;
  for (std::uint64_t i = 0; i < darts; ++i) {
    auto x = side(random);
    auto y = side(random);
    result += x * x + y * y <= 1 ? 1 : 0;
  }
  return result;
}

struct pi {
  hearth::validated<std::uint64_t> validate(hearth::context&,
                                            const hearth::config& config) {
    auto darts = config.get_or<std::uint64_t>("darts", 10 * darts_a_round);
    if (darts == 0)
      return hearth::problems{"darts must be above 0"};
    return darts;
  }

  std::map<std::string, double> run(hearth::context& context,
                                    std::uint64_t darts) {
    auto rounds = (darts + darts_a_round - 1) / darts_a_round;
    std::atomic<std::uint64_t> inside{0};
    std::atomic<std::uint64_t> done{0};
    context.parallel_for(rounds, [&](std::size_t round) {
      auto share = std::min(darts_a_round, darts - round * darts_a_round);
      inside += hits(round, share);
      context.progress(static_cast<std::int64_t>(++done),
                       static_cast<std::int64_t>(rounds), "rounds");
    });
    return {
      {"pi", 4.0 * static_cast<double>(inside) / static_cast<double>(darts)},
      {"darts", static_cast<double>(darts)}};
  }
};

} // namespace

HEARTH_JOB(pi)
