#include "actors/services/password_checks.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace hearth {

std::string client_group(const std::string& address) {
  auto text = address.substr(0, address.find('%')); // without its interface
  in6_addr bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), &bytes) != 1)
    return address;
  if (IN6_IS_ADDR_V4MAPPED(&bytes))
    return text.substr(text.rfind(':') + 1);
  std::fill(bytes.s6_addr + 8, bytes.s6_addr + 16, 0);
  std::array<char, INET6_ADDRSTRLEN> result{};
  ::inet_ntop(AF_INET6, &bytes, result.data(), result.size());
  return std::string{result.data()} + "/64";
}

verified_passwords::verified_passwords() {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
    throw std::runtime_error("there are no random numbers to be had");
}

void verified_passwords::add(const std::string& name,
                             const std::string& password,
                             const std::string& hash) {
  by_name_.insert_or_assign(name, entry{hash, tag_of(password)});
}

bool verified_passwords::contains(const std::string& name,
                                  const std::string& password,
                                  const std::string& hash) const {
  auto i = by_name_.find(name);
  if (i == by_name_.end() || i->second.hash != hash)
    return false;
  auto tag = tag_of(password);
  return CRYPTO_memcmp(tag.data(), i->second.tag.data(), tag.size()) == 0;
}

std::string verified_passwords::tag_of(const std::string& password) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> tag{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(password.data()), password.size(),
       tag.data(), &size);
  return {reinterpret_cast<const char*>(tag.data()), size};
}

} // namespace hearth
