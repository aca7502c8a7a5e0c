#include "actors/services/data.hpp"

#include <system_error>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "store/files/read_block.hpp"

namespace hearth {

namespace {

/// Runs a function that uses the disk, and makes an error of its exceptions.
template <class Result, class Work>
caf::result<Result> on_disk(Work work) {
  try {
    return work();
  } catch (const bad_data_name& e) {
    return make_error(ec::bad_request, e.what());
  } catch (const too_many_data_files& e) {
    return make_error(ec::storage_full, e.what());
  } catch (const std::system_error& e) {
    auto full = e.code() == std::errc::no_space_on_device;
    return make_error(full ? ec::storage_full : ec::store_failed,
                      std::string{"the data files: "} + e.what());
  }
}

caf::result<file_part> read(const data_files& files, const file_wanted& x) {
  file_part result;
  try {
    auto path = x.data.empty() ? x.path : files.find(x.data);
    result.bytes = read_block(path, x.offset, x.length, result.size);
    return result;
  } catch (const std::system_error& e) {
    if (e.code() != std::errc::no_such_file_or_directory)
      throw;
    return make_error(ec::data_not_found,
                      "Unknown file: " + (x.data.empty() ? x.path : x.data));
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
    [=](atom::erase_all) {
      return on_disk<atom::ok>([&]() -> caf::result<atom::ok> {
        files->clear();
        return atom::ok_v;
      });
    },
    [=](atom::get, const file_wanted& x) {
      return on_disk<file_part>([&] { return read(*files, x); });
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{own_status(self, "data", "", "open", 0, since)};
    },
  };
}

} // namespace hearth
