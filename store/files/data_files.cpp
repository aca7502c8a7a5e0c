#include "store/files/data_files.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>

#include "base/private_files.hpp"
#include "store/files/durable_write.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view ending = ".dat";

/// With this length, a name with its time still fits the limit of file systems.
constexpr std::size_t longest_prefix = 200;

/// E.g. "2017-02-28T18_54_56.523Z": without colons, which some tools that read
/// paths take for separators.
std::string timestamp(millis time) {
  auto seconds = static_cast<std::time_t>(time / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}_{:02}_{:02}.{:03}Z",
                     utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, time % 1000);
}

bool is_plain(std::string_view name) noexcept {
  return !name.empty() && name.front() != '.'
         && std::none_of(name.begin(), name.end(), [](char c) {
              return c == '/' || static_cast<unsigned char>(c) < 0x20;
            });
}

[[noreturn]] void refuse(const std::string& name) {
  throw bad_data_name("'" + name + "' is no data file of this server: "
                      + "GET /data lists their full paths");
}

} // namespace

data_files::data_files(const std::string& folder, std::size_t most)
  : folder_(fs::absolute(folder).lexically_normal().string()), most_(most) {
  make_private_folder(folder_);
  fs::permissions(folder_, fs::perms::owner_all);
}

std::string data_files::put(const std::string& prefix, std::string_view content,
                            millis now) {
  if (!is_plain(prefix) || prefix.size() > longest_prefix)
    throw bad_data_name("the prefix of a data file must have 1 to 200 bytes, "
                        "no '/', no control characters and no '.' in front");
  if (list().size() >= most_)
    throw too_many_data_files(
      "there are as many data files as hearth.data.max-files allows: "
      + std::to_string(most_));
  fs::path target;
  // Two files of one millisecond: the later one gets the next.
  do
    target = fs::path{folder_}
             / (prefix + "-" + timestamp(now++) + std::string{ending});
  while (fs::exists(target));
  write_flushed(target, content);
  return target.string();
}

std::vector<std::string> data_files::list() const {
  std::vector<std::string> result;
  if (!fs::exists(folder_)) // it has vanished, and comes back with a file
    return result;
  for (auto& x : fs::directory_iterator{folder_})
    if (x.is_regular_file() && x.path().extension() == ending)
      result.push_back(x.path().string());
  std::sort(result.begin(), result.end());
  return result;
}

bool data_files::erase(const std::string& path) {
  if (!path.starts_with(folder_ + "/"))
    refuse(path);
  return fs::remove(find(path));
}

std::string data_files::find(const std::string& name) const {
  auto inside = name.starts_with(folder_ + "/");
  auto plain = std::string_view{name}.substr(inside ? folder_.size() + 1 : 0);
  if (!is_plain(plain) || !plain.ends_with(ending))
    refuse(name);
  return folder_ + "/" + std::string{plain};
}

void data_files::clear() {
  for (auto& path : list())
    fs::remove(path);
}

} // namespace hearth
