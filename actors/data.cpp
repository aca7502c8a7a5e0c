#include "actors/data.hpp"

#include <filesystem>

#include <caf/all.hpp>

#include "actors/error.hpp"
#include "actors/identity.hpp"
#include "actors/status.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

/// Runs what touches the disk; what it throws becomes an error.
template <class Result, class Work>
caf::result<Result> on_disk(Work work) {
  try {
    return work();
  } catch (const bad_data_name& e) {
    return make_error(ec::bad_request, e.what());
  } catch (const too_many_data_files& e) {
    return make_error(ec::storage_full, e.what());
  } catch (const fs::filesystem_error& e) {
    auto full = e.code() == std::errc::no_space_on_device;
    return make_error(full ? ec::storage_full : ec::store_failed,
                      std::string{"the data files: "} + e.what());
  }
}

} // namespace

data_actor::behavior_type data(data_actor::stateful_pointer<data_state> self,
                               std::shared_ptr<data_files> files) {
  auto since = now_ms();
  return {
    [=](atom::put, const data_upload& x) {
      return on_disk<std::string>([&]() -> caf::result<std::string> {
        return files->put(x.prefix, *x.content, now_ms());
      });
    },
    [=](atom::list) {
      return on_disk<std::vector<std::string>>(
        [&]() -> caf::result<std::vector<std::string>> {
          return files->list();
        });
    },
    [=](atom::erase, const std::string& path) {
      return on_disk<atom::ok>([&]() -> caf::result<atom::ok> {
        if (!files->erase(path))
          return make_error(ec::data_not_found, "Unknown file: " + path);
        return atom::ok_v;
      });
    },
    [=](atom::reset) {
      return on_disk<atom::ok>([&]() -> caf::result<atom::ok> {
        files->clear();
        return atom::ok_v;
      });
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{own_status(self, "data", "", "open", 0, since)};
    },
  };
}

} // namespace hearth
