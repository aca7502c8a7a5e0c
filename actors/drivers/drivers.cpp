#include "actors/drivers/drivers.hpp"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <utility>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"
#include "base/private_files.hpp"
#include "runtime/launch/native_command.hpp"
#include "runtime/launch/python_command.hpp"
#include "runtime/launch/spark_homes.hpp"
#include "runtime/protocol/start_file.hpp"
#include "store/files/log_file.hpp"

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

std::string value_of(const settings_map& settings, const std::string& key) {
  auto i = settings.find(key);
  return i == settings.end() ? std::string{} : i->second.text;
}

/// Fills in the keys that every agent needs.
protocol::start_file start_file_of(const driver_settings& common,
                                   const launch_request& x) {
  protocol::start_file file;
  file.context_id = x.context_id;
  file.context_name = x.context_name;
  file.token = x.token;
  file.endpoint_file = common.endpoint_file;
  file.endpoint_socket = common.endpoint_socket;
  file.context_factory = value_of(x.settings, "context-factory");
  file.settings = x.settings;
  file.jars = x.jars;
  file.orphan_timeout_ms = common.agent.orphan_timeout.count();
  file.heartbeat_ms = common.agent.heartbeat.count();
  return file;
}

/// Returns the command of a context that needs no Spark; nothing if it does.
std::optional<launch::process_spec> plain_command(const driver_settings& common,
                                                  const launch_request& x,
                                                  const std::string& start_file,
                                                  const std::string& dir) {
  auto factory = value_of(x.settings, "context-factory");
  if (factory == launch::native_factory)
    return launch::native_command(common.native.agent, start_file, dir);
  if (factory == launch::python_factory)
    return launch::python_command(common.python.agent_dir,
                                  value_of(x.settings, "python.executable"),
                                  start_file, dir);
  return std::nullopt;
}

using self_ptr = drivers_actor::stateful_pointer<drivers_state>;

/// @returns nothing if Spark's launcher is asked first
std::optional<process_id> start(drivers_state& st, const launch_request& x) {
  auto& common = st.settings;
  auto dir = folder(common, x.context_id);
  st.running.insert(x.context_id);
  make_private_folder(dir);
  fs::permissions(dir, fs::perms::owner_all);
  auto file = start_file_of(common, x);
  auto start_file = (dir / "agent.json").string();
  if (auto command = plain_command(common, x, start_file, dir.string())) {
    command->inherit = common.environment;
    write_private(start_file, to_json(file));
    return st.launcher->start(*command, x.on_exit);
  }
  if (launch::is_pyspark_factory(file.context_factory))
    file.python_agent = launch::python_agent(common.python.agent_dir);
  return st.spark->start(
    {x.context_id, x.context_name, x.settings, dir.string(), x.on_exit},
    [&](const launch::spark_settings& settings) {
      file.spark_conf = settings.spark_conf;
      file.hadoop_conf = settings.hadoop_conf;
      write_private(start_file, to_json(file));
      return start_file;
    });
}

/// The process, an error, or nothing if Spark's launcher is asked first.
std::optional<caf::expected<process_id>> try_start(drivers_state& st,
                                                   const launch_request& x) {
  try {
    if (auto process = start(st, x))
      return *process;
    return std::nullopt;
  } catch (const launch::unknown_version& e) {
    return make_error(ec::bad_request, e.what());
  } catch (const std::exception& e) {
    return make_error(ec::context_init_failed, e.what());
  }
}

caf::result<process_id> launch_driver(self_ptr self, const launch_request& x) {
  if (auto started = try_start(self->state, x))
    return std::move(*started);
  auto promise = self->make_response_promise<process_id>();
  self->state.waiting.push_back({x, promise});
  return promise;
}

/// Those that waited for Spark's launcher go on.
void resume(drivers_state& st) {
  for (auto& x : std::exchange(st.waiting, {}))
    if (auto started = try_start(st, x.request); !started)
      st.waiting.push_back(std::move(x));
    else if (*started)
      x.promise.deliver(**started);
    else
      x.promise.deliver(std::move(started->error()));
}

/// That context has ended before its driver was started.
void give_up(drivers_state& st, const std::string& id) {
  auto gone
    = std::stable_partition(st.waiting.begin(), st.waiting.end(), [&](auto& x) {
        return x.request.context_id != id;
      });
  for (auto i = gone; i != st.waiting.end(); ++i)
    i->promise.deliver(
      make_error(ec::context_init_failed, "the context has ended"));
  st.waiting.erase(gone, st.waiting.end());
}

/// Blocks while it asks Spark's launcher; detached.
caf::behavior launcher_asker(caf::event_based_actor* self,
                             const launch::submit_question& x) {
  return {
    [=](atom::resolve) {
      self->quit();
      return launcher_answer{launch::ask(x)};
    },
  };
}

void ask_launcher(self_ptr self, const launch::submit_question& x) {
  auto learn = [=](launch::submit_answer answer) {
    self->state.spark->learn(x, std::move(answer));
    resume(self->state);
  };
  self
    ->request(self->spawn<caf::detached>(launcher_asker, x), caf::infinite,
              atom::resolve_v)
    .then([=](launcher_answer& said) { learn(std::move(said.answer)); },
          [=](const caf::error&) { learn({}); });
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

/// Removes the files that a killed agent could not remove itself. Files that
/// jobs have written into the folder, in which they work, are kept.
void tidy(const fs::path& dir) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{dir, ignored}) {
    auto name = entry.path().filename().string();
    auto is_copy = name.starts_with("library-") && name.ends_with(".so");
    auto is_result = name.starts_with("result-") && name.ends_with(".json");
    if (name == "agent.json" || name == "files" || is_copy || is_result)
      fs::remove_all(entry.path(), ignored);
  }
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
    common.spark,
    common.context_defaults,
    fs::absolute(common.data_dir).lexically_normal().string(),
    self->state.launcher,
    [me = caf::actor_cast<caf::weak_actor_ptr>(self)](
      const launch::process_exit& how) {
      if (auto strong = me.lock())
        caf::anon_send(caf::actor_cast<drivers_actor>(strong),
                       process_ended{how});
    },
    [self](const launch::submit_question& x) { ask_launcher(self, x); },
    {},
    std::chrono::steady_clock::now,
    common.agent.address,
    common.environment});
  self->state.running = left_over(common);
  self->delayed_send(self, first_look, atom::tick_v);
  return {
    [=](atom::start, const launch_request& x) {
      return launch_driver(self, x);
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
      auto dir = folder(self->state.settings, id);
      give_up(self->state, id);
      tidy(dir);
      self->state.spark->forget(dir.string());
      self->state.spark->settled(id);
      return atom::ok_v;
    },
    [=](atom::ready, const std::string& id) {
      self->state.spark->settled(id);
      // Work that waited for the context's start may begin.
      self->send(self, atom::maintain_v);
    },
    [=](const process_ended& x) { self->state.spark->ended(x.how); },
    [=](atom::maintain) { self->state.spark->maintain(); },
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
