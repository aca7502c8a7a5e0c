#include "actors/api/request_digest.hpp"

#include "base/digest.hpp"

namespace hearth {

namespace {

void add(std::string& to, const std::string& x) {
  to += std::to_string(x.size()) + ':' + x;
}

void add(std::string& to, const settings_map& xs) {
  for (auto& [key, value] : xs) {
    add(to, key);
    add(to, value.text);
    to += value.is_json ? 'j' : 't';
  }
}

} // namespace

std::string digest_of(const job_request& x) {
  std::string all;
  for (auto* text :
       {&x.context, &x.main_class, &x.config.text(), &x.user, &x.callback_url})
    add(all, *text);
  for (auto& name : x.binaries)
    add(all, name);
  add(all, x.settings);
  add(all, std::to_string(x.priority) + '/' + std::to_string(x.max_wait_ms)
             + '/' + std::to_string(static_cast<int>(x.queue)));
  return sha256(all);
}

std::string digest_of(const context_request& x) {
  std::string all;
  add(all, x.name);
  add(all, x.settings);
  return sha256(all);
}

} // namespace hearth
