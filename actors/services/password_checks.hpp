/// Plain classes for the passwords that wait to be checked, and for those that
/// were found to be right. The actor `access` (authenticator.hpp) owns them.
///
/// Checking a password takes tens of milliseconds, on purpose. A client that
/// sends many wrong passwords must not keep others out. Addresses are therefore
/// served in turn, and so are the names of one address. The number of checks
/// that may wait is limited for each address. A password that was right once
/// needs no check as long as its user's hash stays the same.
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

/// Returns the group of clients that the queue treats as one: an IPv4 address,
/// or a /64 network of IPv6, because one machine can use any number of its
/// addresses.
std::string client_group(const std::string& address);

template <class Check>
class password_queue {
public:
  static constexpr std::size_t max_waiting = 1024;
  static constexpr std::size_t max_waiting_of_client = 32;

  /// @returns false if too many checks wait already
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

/// Passwords that were found to be right. They are kept as digests with a key
/// that only this process has.
class verified_passwords {
public:
  /// @throws std::runtime_error if the system gives no random numbers
  verified_passwords();

  void add(const std::string& name, const std::string& password,
           const std::string& hash);

  /// Whether the password was found to be right for that very hash.
  bool contains(const std::string& name, const std::string& password,
                const std::string& hash) const;

  /// Forgets the passwords of users that do not exist any more or have another
  /// hash.
  /// @param hash_of returns the hash of a user's name; "" if there is no such
  ///        user
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
