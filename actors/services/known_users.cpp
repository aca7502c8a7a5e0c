#include "actors/services/known_users.hpp"

#include <sys/stat.h>
#include <utility>

namespace hearth {

namespace {

file_stamp stamp_of(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0)
    return {};
  return {facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec,
          facts.st_size, facts.st_ino, facts.st_uid, facts.st_mode};
}

} // namespace

known_users::known_users(std::filesystem::path file, reader read)
  : file_(std::move(file)), read_(std::move(read)) {
  // nop
}

bool known_users::is_due(const file_stamp& stamp, clock::time_point now) const {
  return tried_ != stamp || (!failure_.empty() && now - tried_at_ >= pause);
}

bool known_users::refresh(clock::time_point now) {
  auto stamp = stamp_of(file_);
  if (!is_due(stamp, now))
    return false;
  auto changed = tried_ != stamp;
  tried_ = stamp;
  tried_at_ = now;
  try {
    users_ = read_(file_);
    if (!std::exchange(failure_, {}).empty())
      news_ = "the users can be read again";
    return true;
  } catch (const std::exception& error) {
    if (changed || failure_ != error.what())
      news_ = std::string{"no user can be let in: "} + error.what();
    failure_ = error.what();
    return false;
  }
}

std::string known_users::take_news() {
  return std::exchange(news_, {});
}

const user* known_users::find(const std::string& name) const {
  auto found = users_.find(name);
  return found == users_.end() ? nullptr : &found->second;
}

} // namespace hearth
