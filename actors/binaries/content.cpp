#include "actors/binaries/content.hpp"

#include <filesystem>
#include <sys/stat.h>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "base/digest.hpp"
#include "store/files/binary_check.hpp"

namespace hearth {

namespace {

caf::error malformed(const std::string& why) {
  // Clients know the text of what is of another type.
  return make_error(ec::binary_malformed, "Binary is not of the right format"
                                            + (why.empty() ? "" : ": " + why));
}

caf::result<std::string> put(content_files& files, const binary_upload& x) {
  if (auto why = binary_fault(x.type, *x.content))
    return malformed(*why);
  try {
    return files.put(x.type, *x.content);
  } catch (const std::filesystem::filesystem_error& e) {
    auto full = e.code() == std::errc::no_space_on_device;
    return make_error(full ? ec::storage_full : ec::store_failed,
                      "the binary " + x.name
                        + " could not be stored: " + e.what());
  }
}

/// A file on the driver's machine as a binary. Its path, size and time stand
/// for its content: to read all of it for each job would take too long.
resolved_binaries look_at(const std::string& name, const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return {};
  auto state = path + '|' + std::to_string(info.st_size) + '|'
               + std::to_string(info.st_mtim.tv_sec) + '.'
               + std::to_string(info.st_mtim.tv_nsec);
  return {{{name, to_string(type_by_ending(path)), sha256(state), path}}};
}

} // namespace

content_actor::behavior_type
content(content_actor::stateful_pointer<content_state> self,
        std::shared_ptr<content_files> files, std::uint64_t parent) {
  auto since = now_ms();
  return {
    [=](atom::put, const binary_upload& x) { return put(*files, x); },
    [=](atom::erase, binary_type type, const std::string& digest) {
      files->erase(type, digest);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{
        own_status(self, "content", "", "open", parent, since)};
    },
  };
}

local_files_actor::behavior_type
local_files(local_files_actor::stateful_pointer<local_files_state> self,
            std::uint64_t parent) {
  auto since = now_ms();
  return {
    [](atom::get, const std::string& name, const std::string& path) {
      return look_at(name, path);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{
        own_status(self, "local files", "", "open", parent, since)};
    },
  };
}

} // namespace hearth
