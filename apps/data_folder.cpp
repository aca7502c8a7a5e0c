#include "apps/data_folder.hpp"

#include <spdlog/spdlog.h>

#include "base/private_files.hpp"
#include "store/files/durable_write.hpp"
#include "store/files/result_file.hpp"
#include "store/files/users_file.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

} // namespace

data_folder::data_folder(const conf::settings& settings)
  : root(settings.data_dir), results(root + "/results"),
    contexts(root + "/contexts"), callbacks(root + "/callbacks"),
    binaries(root + "/binaries"), data(root + "/data"),
    dependencies(root + "/dependencies"),
    agent_socket(fs::absolute(fs::path{root} / "agent" / "agent.sock")
                   .lexically_normal()
                   .string()),
    agent_endpoint(fs::absolute(fs::path{root} / "agent-endpoint").string()) {
  // nop
}

void data_folder::make() const {
  make_private_folder(root);
  make_private_folder(callbacks);
}

void data_folder::remove_results(const std::vector<std::string>& jobs) const {
  for (auto& id : jobs)
    remove_result(results, id);
}

void data_folder::remove_contexts(
  const std::vector<std::string>& contexts_to_remove) const {
  for (auto& id : contexts_to_remove) {
    std::error_code error;
    fs::remove_all(fs::path{contexts} / id, error);
    if (error)
      spdlog::warn("the folder of the context {} is left: {}", id,
                   error.message());
  }
}

fs::path check_users(const conf::settings& settings) {
  const auto& file = settings.http.access.users;
  auto path
    = file.empty() ? fs::path{settings.data_dir} / "users" : fs::path{file};
  if (settings.http.access.enabled)
    read_users(path);
  return path;
}

std::unique_ptr<store> open_database(const conf::settings& settings) {
  auto url = settings.store_url.empty()
               ? "sqlite:" + settings.data_dir + "/hearth.db"
               : settings.store_url;
  return open_store(url, settings.store_password_file);
}

void write_endpoint(const data_folder& folder, const conf::settings& settings,
                    std::uint16_t port) {
  write_flushed(folder.agent_endpoint,
                settings.agent.address + ':' + std::to_string(port) + '\n');
}

} // namespace hearth
