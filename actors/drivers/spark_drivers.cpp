#include "actors/drivers/spark_drivers.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/private_files.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes archive_patience{5};
constexpr std::chrono::seconds longest_pause{60};

std::string find_agent(const conf::spark_settings& settings,
                       const launch::spark_home& spark) {
  auto jar = fs::absolute(fs::path{settings.agent_dir}
                          / ("hearth-agent_" + spark.scala_version + ".jar"));
  if (!fs::exists(jar))
    throw launch::launch_error(
      "there is no agent for Scala " + spark.scala_version + ": " + jar.string()
      + " does not exist; hearth.spark.agent-dir says where it lies");
  return jar.string();
}

std::optional<std::size_t> kernels_memory() {
  std::ifstream in{"/proc/meminfo"};
  for (std::string name; in >> name;) {
    std::size_t kib = 0;
    in >> kib;
    if (name == "MemAvailable:")
      return kib * 1024;
    in.ignore(1000, '\n');
  }
  return std::nullopt;
}

} // namespace

spark_drivers::spark_drivers(spec x)
  : spec_(std::move(x)), archive_dir_(spec_.data_dir + "/cds"),
    spares_(spec_.launcher, spec_.data_dir + "/spares") {
  if (!spec_.available_memory)
    spec_.available_memory = kernels_memory;
  std::error_code ec;
  for (const auto& file : fs::directory_iterator{archive_dir_, ec})
    if (file.path().extension() != ".jsa")
      fs::remove_all(file.path(), ec);
}

spark_drivers::~spark_drivers() {
  abandon_archive();
}

std::optional<spark_drivers::driver>
spark_drivers::prepare(const conf::settings_map& settings,
                       const std::string& name, const std::string& dir) {
  auto& common = spec_.settings;
  launch::spark_homes homes{common.homes, common.home, common.default_home};
  auto wanted = settings.find(launch::spark_version_key);
  auto spark = homes.find(wanted == settings.end() ? "" : wanted->second.text);
  driver result;
  result.agent_jar = find_agent(common, spark);
  result.settings = launch::sort_spark_settings(settings, common.master, name);
  auto submit
    = launch::spark_command(spark, result.settings, result.agent_jar, "", dir);
  submit.inherit = spec_.environment;
  auto address = launch::listen_address(
    result.settings, launch::inherited(submit.inherit), spec_.agent_address);
  if (!address.empty())
    submit.env["SPARK_LOCAL_IP"] = address;
  auto command = commands_.direct(submit, 1);
  if (!command) {
    auto question = commands_.question(submit, 1);
    if (asked_.insert(question.key).second)
      spec_.ask(question);
    return std::nullopt;
  }
  result.command = std::move(*command);
  result.command.argv.pop_back();
  return result;
}

void spark_drivers::learn(const launch::submit_question& x,
                          launch::submit_answer answer) {
  asked_.erase(x.key);
  commands_.learn(x, std::move(answer));
}

std::optional<process_id> spark_drivers::start(
  request x,
  const std::function<std::string(const launch::spark_settings&)>& write) {
  auto prepared = prepare(x.settings, x.name, x.dir);
  if (!prepared)
    return std::nullopt;
  auto write_file = [&] { return write(prepared->settings); };
  auto mark = [&](process_id process) {
    starting_.insert(x.id);
    return process;
  };
  if (launch::is_static_free(prepared->settings))
    if (auto spare
        = spares_.adopt(prepared->command, x.dir, write_file, x.on_exit)) {
      spdlog::info("context {}: takes a warm spare", x.name);
      return mark(*spare);
    }
  auto command = fast(*prepared);
  command.argv.push_back(write_file());
  return mark(spec_.launcher->start(command, std::move(x.on_exit)));
}

std::optional<launch::class_archive>
spark_drivers::archive_of(const driver& x) {
  if (!spec_.settings.class_archive || !launch::is_direct(x.command))
    return std::nullopt;
  std::string why;
  auto result = launch::archive_for(x.command, x.agent_jar, archive_dir_, why);
  if (!why.empty() && told_.insert(why).second)
    spdlog::info("contexts start without an archive of classes: {}", why);
  return result;
}

launch::process_spec spark_drivers::fast(const driver& x) {
  auto archive = archive_of(x);
  if (archive && archive->there())
    return launch::with_archive(x.command, *archive);
  if (archive && !tried_.contains(archive->file))
    wanted_.insert_or_assign(archive->file, std::pair{x.command, *archive});
  return x.command;
}

void spark_drivers::settled(const std::string& id) {
  starting_.erase(id);
}

void spark_drivers::forget(const std::string& dir) {
  spares_.remove_link(dir);
}

void spark_drivers::ended(const launch::process_exit& exit) {
  if (archiving_ && archiving_->process == exit.process) {
    archive_ended(exit);
    return;
  }
  if (!spares_.bury(exit.process))
    return;
  spdlog::warn("a spare process {}, the next is started in {} s",
               to_string(exit), pause_.count());
  next_spare_ = spec_.now() + pause_;
  pause_ = std::min(pause_ * 2, longest_pause);
}

void spark_drivers::maintain() {
  auto now = spec_.now();
  spares_.drop_lost();
  if (archiving_ && now - archiving_->begun > archive_patience) {
    spdlog::warn("no archive of classes for {}: it took too long",
                 archiving_->archive.name);
    abandon_archive();
  }
  auto warm = spares_.size() > 0 && spares_.warm() == spares_.size();
  if (warm)
    pause_ = std::chrono::seconds{1};
  if (spares_.size() > 0 && short_of_memory()) {
    spdlog::warn("memory is short: spare processes are given up");
    spares_.clear();
  }
  if (!starting_.empty() || archiving_)
    return;
  try {
    auto scratch = spec_.data_dir + "/cds";
    make_private_folder(scratch);
    if (spec_.settings.class_archive || spec_.settings.warm_spares > 0) {
      auto usual = prepare(spec_.context_defaults, "spare", scratch);
      if (!usual)
        return;     // once the launcher has answered
      fast(*usual); // asks for the archive, if there is none
      if (wanted_.empty())
        maintain_spares(*usual);
    }
    if (!wanted_.empty()) {
      auto [command, archive] = wanted_.begin()->second;
      wanted_.erase(wanted_.begin());
      make_archive(command, archive);
    }
  } catch (const std::exception& e) {
    // A server without a Spark serves other contexts.
    if (told_.insert(e.what()).second)
      spdlog::info("no Spark context is prepared: {}", e.what());
  }
}

void spark_drivers::maintain_spares(const driver& x) {
  if (spares_.size() >= static_cast<std::size_t>(spec_.settings.warm_spares)
      || spec_.now() < next_spare_ || short_of_memory()
      || !launch::is_direct(x.command))
    return;
  next_spare_ = spec_.now() + pause_;
  spares_.start(x.command, fast(x), spec_.on_end);
}

bool spark_drivers::short_of_memory() const {
  auto available = spec_.available_memory();
  return available && *available < spec_.settings.spare_memory_floor;
}

void spark_drivers::make_archive(const launch::process_spec& command,
                                 const launch::class_archive& archive) {
  if (archive.there() || !tried_.insert(archive.file).second)
    return;
  auto dir = archive_dir_ + "/making";
  make_private_folder(dir);
  auto scratch = archive.file + ".new";
  auto x = launch::archiving(command, scratch);
  x.argv.emplace_back("--rehearse");
  x.working_dir = dir;
  x.log_file = dir + "/driver.log";
  launch::child_input input;
  x.stdin_fd = input.read_end();
  spdlog::info("making an archive of classes for {}", archive.name);
  auto process = spec_.launcher->start(x, spec_.on_end);
  input.started();
  archiving_
    = archiving{archive, process, std::move(input), scratch, dir, spec_.now()};
}

void spark_drivers::archive_ended(const launch::process_exit& exit) {
  auto done = *std::exchange(archiving_, std::nullopt);
  spec_.launcher->forget(done.process);
  std::error_code ec;
  auto made = exit.known && exit.signal == 0 && exit.code == 0
              && fs::exists(done.scratch, ec);
  // The archive comes last: who sees it there finds nothing else of its making.
  if (made) {
    fs::remove_all(done.dir, ec);
    remove_older_archives(done.archive);
    fs::rename(done.scratch, done.archive.file, ec);
  }
  if (!done.archive.there()) {
    spdlog::warn("no archive of classes for {}: its maker {}; {}",
                 done.archive.name, to_string(exit),
                 made ? ec.message() : done.dir + "/driver.log says more");
    fs::remove(done.scratch, ec);
    // The folder was removed meanwhile, so the failure says nothing about this
    // Spark.
    if (!made && !fs::exists(done.dir, ec))
      tried_.erase(done.archive.file);
    return;
  }
  // If it is removed later, the next context that misses it has it made again.
  tried_.erase(done.archive.file);
  spdlog::info("contexts on {} start with an archive of classes now",
               done.archive.name);
}

void spark_drivers::remove_older_archives(const launch::class_archive& of) {
  // They do not fit any more, because this Spark's Java or the agent has
  // changed.
  auto name = fs::path{of.file}.filename().string();
  auto home = name.substr(0, name.find('-') + 1);
  std::error_code ec;
  for (const auto& x : fs::directory_iterator{archive_dir_, ec}) {
    auto other = x.path().filename().string();
    if (x.path().extension() == ".jsa" && other.starts_with(home))
      fs::remove(x.path(), ec);
  }
}

void spark_drivers::abandon_archive() {
  if (!archiving_)
    return;
  spec_.launcher->signal_group(archiving_->process, SIGKILL);
  spec_.launcher->forget(archiving_->process);
  std::error_code ignored;
  fs::remove(archiving_->scratch, ignored);
  fs::remove_all(archiving_->dir, ignored);
  archiving_.reset();
}

std::string spark_drivers::status() const {
  auto result = std::to_string(spares_.warm()) + " of "
                + std::to_string(spec_.settings.warm_spares) + " spares warm";
  if (archiving_)
    result += ", making an archive of classes";
  return result;
}

} // namespace hearth
