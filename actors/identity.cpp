#include "actors/identity.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace hearth {

namespace {

constexpr char digits[] = "0123456789abcdef";

} // namespace

std::string make_uuid() {
  // Ids are public, so a fast generator will do; it is seeded well enough that
  // two servers never make the same.
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(),
                       device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }();
  auto hi = generator();
  auto lo = generator();
  hi = (hi & ~0xf000ull) | 0x4000ull;
  lo = (lo & ~(3ull << 62)) | (2ull << 62);
  std::string result(36, '-');
  auto at = result.begin();
  auto put = [&](std::uint64_t value, int from, int count) {
    for (int i = 0; i < count; ++i)
      *at++ = digits[(value >> (from - 4 * (i + 1))) & 0xf];
  };
  put(hi, 64, 8);
  ++at;
  put(hi, 32, 4);
  ++at;
  put(hi, 16, 4);
  ++at;
  put(lo, 64, 4);
  ++at;
  put(lo, 48, 12);
  return result;
}

std::string make_token() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system's random generator failed");
  std::string result;
  for (auto b : bytes) {
    result += digits[b >> 4];
    result += digits[b & 0xf];
  }
  return result;
}

bool same_secret(std::string_view x, std::string_view y) noexcept {
  return x.size() == y.size()
         && CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

millis now_ms() noexcept {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

} // namespace hearth
