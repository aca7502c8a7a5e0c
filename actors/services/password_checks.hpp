/// The passwords that wait to be checked, and those that were found right.
///
/// To check a password takes tens of milliseconds, on purpose, so whoever sends
/// many wrong ones could keep everybody out. Addresses are therefore served in
/// turn, and the names of one address in turn, too; each address has only so
/// many checks that wait; and a password that was right is right without a
/// check for as long as its user's hash stays the same.
///
/// Plain classes; the actor around them is `authenticator`.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/fair_queue.hpp"

namespace hearth {

/// Those who count as one in the queue: an IPv4 address, or a /64 network of
/// IPv6, of which one machine has as many addresses as it likes.
std::string client_group(const std::string& address);

template <class Check>
class password_queue {
public:
  static constexpr std::size_t max_waiting = 1024;
  static constexpr std::size_t max_waiting_of_client = 32;

  /// @returns false if too many wait already
  bool push(const std::string& address, const std::string& name, Check check) {
    auto client = client_group(address);
    if (queue_.size(client) >= max_waiting_of_client || size_ >= max_waiting)
      return false;
    queue_.lane(client).lane(name).push(std::move(check));
    ++size_;
    return true;
  }

  std::optional<Check> take() {
    if (size_ == 0)
      return std::nullopt;
    --size_;
    return queue_.take();
  }

  std::size_t size() const noexcept {
    return size_;
  }

private:
  fair_queue<fair_queue<fifo<Check>>> queue_;
  std::size_t size_ = 0;
};

/// Passwords that were right, as keyed digests under a key of this process.
class verified_passwords {
public:
  /// @throws std::runtime_error if there are no random numbers
  verified_passwords();

  void add(const std::string& name, const std::string& password,
           const std::string& hash);

  /// Whether it was found right for that very hash.
  bool contains(const std::string& name, const std::string& password,
                const std::string& hash) const;

  /// Forgets those whose user is not there any more, or has another hash.
  /// @param hash_of name -> hash, "" if there is no such user
  template <class HashOf>
  void keep_if_same(HashOf hash_of) {
    std::erase_if(by_name_, [&](auto& entry) {
      return hash_of(entry.first) != entry.second.hash;
    });
  }

private:
  struct entry {
    std::string hash;
    std::string tag;
  };

  std::string tag_of(const std::string& password) const;

  std::array<unsigned char, 32> key_{};
  std::map<std::string, entry> by_name_;
};

} // namespace hearth
