#include "base/ids.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace hearth {

namespace {

constexpr char digits[] = "0123456789abcdef";

// The upper 60 bits: 48 bits of milliseconds and 12 bits of their fraction. No
// value is used twice: a second call at the same time takes the next value. It
// is a shared atomic so that all threads agree on the order of two jobs.
std::uint64_t next_time() noexcept {
  using namespace std::chrono;
  static std::atomic<std::uint64_t> last{0};
  auto ns = static_cast<std::uint64_t>(
    duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
  auto now = (ns / 1'000'000 << 12) | (ns % 1'000'000 << 12) / 1'000'000;
  auto before = last.load(std::memory_order_relaxed);
  auto mine = now;
  do {
    mine = std::max(now, before + 1);
  } while (
    !last.compare_exchange_weak(before, mine, std::memory_order_relaxed));
  return mine;
}

// The system's generator costs a microsecond a call, so each thread takes a
// supply at once.
std::uint64_t random_bits() {
  thread_local std::array<std::uint64_t, 128> supply;
  thread_local std::size_t left = 0;
  if (left == 0) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(supply.data()),
                   sizeof(supply))
        != 1)
      throw std::runtime_error("the system's random generator failed");
    left = supply.size();
  }
  return supply[--left];
}

} // namespace

std::string make_uuid() {
  auto time = next_time();
  auto hi = (time >> 12 << 16) | 0x7000ull | (time & 0xfff);
  auto lo = (random_bits() & ~(3ull << 62)) | (2ull << 62);
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

bool same_secret(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size()
         && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace hearth
