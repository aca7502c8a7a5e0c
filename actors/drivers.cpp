#include "actors/drivers.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <caf/all.hpp>

#include "actors/error.hpp"
#include "actors/identity.hpp"
#include "actors/logs.hpp"
#include "actors/status.hpp"
#include "runtime/launch/native_command.hpp"
#include "runtime/launch/spark_homes.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

/// How much of a log an error quotes, bytes.
constexpr std::size_t quoted_log = 4096;

/// When the first archive or spare is begun: contexts of the configuration, and
/// a client that waited for the server, go first. Then how often to look.
constexpr std::chrono::milliseconds first_look{500};
constexpr std::chrono::seconds look_again{2};

fs::path folder(const driver_settings& settings, const std::string& id) {
  return (fs::absolute(settings.data_dir) / "contexts" / id).lexically_normal();
}

/// Writes a file that only its owner can read.
void write_private(const fs::path& path, const std::string& text) {
  auto fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                   S_IRUSR | S_IWUSR);
  if (fd < 0)
    throw fs::filesystem_error("cannot write", path,
                               {errno, std::system_category()});
  std::size_t done = 0;
  while (done < text.size()) {
    auto n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0) {
      std::error_code code{errno, std::system_category()};
      ::close(fd);
      throw fs::filesystem_error("cannot write", path, code);
    }
    done += static_cast<std::size_t>(n);
  }
  ::close(fd);
}

std::string value_of(const std::map<std::string, std::string>& settings,
                     const std::string& key) {
  auto i = settings.find(key);
  return i == settings.end() ? std::string{} : i->second;
}

/// What any agent has to know.
protocol::start_file start_file_of(const driver_settings& common,
                                   const launch_request& x) {
  protocol::start_file file;
  file.context_id = x.context_id;
  file.context_name = x.context_name;
  file.token = x.token;
  file.endpoint_file = common.endpoint_file;
  file.context_factory = value_of(x.settings, "context-factory");
  file.settings = x.settings;
  file.jars = x.jars;
  file.orphan_timeout_ms = common.agent.orphan_timeout.count();
  file.heartbeat_ms = common.agent.heartbeat.count();
  return file;
}

process_id start(drivers_state& st, const launch_request& x) {
  auto& common = st.settings;
  auto dir = folder(common, x.context_id);
  st.running.insert(x.context_id);
  fs::create_directories(dir);
  fs::permissions(dir, fs::perms::owner_all);
  auto file = start_file_of(common, x);
  auto start_file = (dir / "agent.json").string();
  if (file.context_factory == launch::native_factory) {
    auto command
      = launch::native_command(common.native.agent, start_file, dir.string());
    write_private(start_file, to_json(file));
    return st.launcher->start(command, x.on_exit);
  }
  return st.spark->start(
    {x.context_id, x.context_name, x.settings, dir.string(), x.on_exit},
    [&](const launch::spark_settings& settings) {
      file.spark_conf = settings.spark_conf;
      file.hadoop_conf = settings.hadoop_conf;
      write_private(start_file, to_json(file));
      return start_file;
    });
}

/// Contexts whose processes an earlier server has left: they have a start file.
std::set<std::string> left_over(const driver_settings& settings) {
  std::set<std::string> result;
  std::error_code none_yet;
  for (auto& x : fs::directory_iterator{folder(settings, "."), none_yet})
    if (fs::exists(x.path() / "agent.json", none_yet))
      result.insert(x.path().filename());
  return result;
}

/// A process that logs for ever must not fill the disk.
void trim_logs(const drivers_state& st) {
  for (auto& id : st.running)
    trim_log((folder(st.settings, id) / "driver.log").string(),
             st.settings.max_log);
}

} // namespace

drivers_actor::behavior_type
drivers(drivers_actor::stateful_pointer<drivers_state> self,
        driver_settings settings, std::shared_ptr<launch::launcher> launcher) {
  self->state.settings = std::move(settings);
  self->state.launcher = std::move(launcher);
  self->state.since = now_ms();
  auto& common = self->state.settings;
  self->state.spark = std::make_unique<spark_drivers>(spark_drivers::spec{
    common.spark, common.context_defaults,
    fs::absolute(common.data_dir).lexically_normal().string(),
    self->state.launcher,
    [me = caf::actor_cast<caf::weak_actor_ptr>(self)](
      const launch::process_exit& how) {
      if (auto strong = me.lock())
        caf::anon_send(caf::actor_cast<drivers_actor>(strong),
                       process_ended{how});
    }});
  self->state.running = left_over(common);
  self->delayed_send(self, first_look, atom::tick_v);
  return {
    [=](atom::start, const launch_request& x) -> caf::result<process_id> {
      try {
        return start(self->state, x);
      } catch (const launch::unknown_version& e) {
        return make_error(ec::bad_request, e.what());
      } catch (const std::exception& e) {
        return make_error(ec::context_init_failed, e.what());
      }
    },
    [=](atom::get, const std::string& id) -> std::string {
      auto file = folder(self->state.settings, id) / "driver.log";
      auto end = launch::tail(file.string(), quoted_log);
      if (end.empty())
        return end;
      return "End of the driver's log, " + file.string() + ":\n" + end;
    },
    [=](atom::erase, const std::string& id) {
      self->state.running.erase(id);
      std::error_code ignored; // it may never have been written
      auto dir = folder(self->state.settings, id);
      fs::remove(dir / "agent.json", ignored);
      self->state.spark->forget(dir.string());
      self->state.spark->settled(id);
    },
    [=](atom::release, const std::string& id) {
      self->state.spark->settled(id);
      // What waited for it may begin.
      self->send(self, atom::flush_v);
    },
    [=](const process_ended& x) { self->state.spark->ended(x.how); },
    [=](atom::flush) { self->state.spark->maintain(); },
    [=](atom::tick) {
      self->state.spark->maintain();
      trim_logs(self->state);
      self->delayed_send(self, look_again, atom::tick_v);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      return std::vector{own_status(self, "drivers", "",
                                    self->state.spark->status(), 0,
                                    self->state.since)};
    },
  };
}

} // namespace hearth
