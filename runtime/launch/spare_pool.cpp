#include "runtime/launch/spare_pool.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include "base/private_files.hpp"

namespace hearth::launch {

namespace fs = std::filesystem;

/// Passes the end of a process on: first to the pool, and later to the context
/// that has taken the spare.
struct spare_pool::handler {
  std::mutex mutex;
  exit_handler tell;
  bool ended = false;

  void operator()(const process_exit& how) {
    exit_handler who;
    {
      std::lock_guard guard{mutex};
      ended = true;
      who = tell;
    }
    who(how);
  }

  /// @returns false if it has ended already
  bool change(exit_handler to) {
    std::lock_guard guard{mutex};
    if (!ended)
      tell = std::move(to);
    return !ended;
  }
};

namespace {

bool same_command(const process_spec& x, const process_spec& y) {
  return x.argv == y.argv && x.env == y.env;
}

} // namespace

spare_pool::spare_pool(std::shared_ptr<launcher> processes, std::string folder)
  : launcher_(std::move(processes)), folder_(std::move(folder)) {
  std::error_code ec;
  std::vector<fs::path> left;
  for (const auto& x : fs::directory_iterator{folder_, ec})
    // The link of a context whose process lives is still needed.
    if (!x.is_symlink() || !fs::exists(x.path() / "agent.json"))
      left.push_back(x.path());
  for (const auto& x : left)
    fs::remove_all(x, ec);
}

spare_pool::~spare_pool() {
  clear();
}

void spare_pool::start(const process_spec& key, process_spec command,
                       exit_handler on_death) {
  child_input input;
  // Of a server before this one a link may be left with a number of ours.
  auto dir = folder_ + "/" + std::to_string(::getpid()) + "-"
             + std::to_string(++next_);
  make_private_folder(dir);
  fs::permissions(dir, fs::perms::owner_all);
  command.argv.insert(command.argv.end(), {"--spare", dir});
  command.working_dir = dir;
  command.log_file = dir + "/driver.log";
  command.stdin_fd = input.read_end();
  auto on_exit = std::make_shared<handler>();
  on_exit->tell = std::move(on_death);
  try {
    auto process = launcher_->start(
      command, [on_exit](const process_exit& how) { (*on_exit)(how); });
    input.started();
    spares_.push_back({process, std::move(input), dir, key, on_exit});
  } catch (const launch_error&) {
    std::error_code ignored;
    fs::remove_all(dir, ignored);
    throw;
  }
}

std::optional<process_id>
spare_pool::adopt(const process_spec& key, const std::string& dir,
                  const std::function<std::string()>& write,
                  exit_handler on_exit) {
  auto i = std::find_if(spares_.begin(), spares_.end(), [&](const auto& x) {
    return same_command(x.key, key) && is_warm(x);
  });
  // If it has died just now, its end is already being reported to the pool.
  if (i == spares_.end() || !i->on_exit->change(std::move(on_exit)))
    return std::nullopt;
  auto x = std::move(*i);
  spares_.erase(i);
  std::error_code ec;
  fs::remove(x.dir + "/warm", ec);
  // The context's folder is empty, so the spare's takes its place.
  fs::rename(x.dir, dir, ec);
  if (!ec)
    fs::create_directory_symlink(dir, x.dir, ec);
  auto told = false;
  if (!ec)
    told = x.input.write(write() + "\n");
  if (told)
    return x.process;
  // It would end by itself; its end must not be taken for the context's.
  x.on_exit->change([](const process_exit&) {});
  launcher_->signal_group(x.process, SIGKILL);
  launcher_->forget(x.process);
  fs::remove_all(x.dir, ec);
  fs::create_directories(dir, ec);
  return std::nullopt;
}

bool spare_pool::bury(process_id process) {
  auto i = std::find_if(spares_.begin(), spares_.end(),
                        [&](const auto& x) { return x.process == process; });
  if (i == spares_.end())
    return false;
  end(*i);
  spares_.erase(i);
  return true;
}

void spare_pool::drop_lost() {
  auto is_lost = [](const spare& x) {
    std::error_code ec;
    return !fs::exists(x.dir, ec) && !ec;
  };
  for (auto& x : spares_)
    if (is_lost(x))
      end(x);
  std::erase_if(spares_, is_lost);
}

void spare_pool::remove_link(const std::string& dir) {
  std::error_code ec;
  for (const auto& x : fs::directory_iterator{folder_, ec}) {
    std::error_code no_link;
    if (fs::read_symlink(x.path(), no_link) == fs::path{dir}) {
      fs::remove(x.path(), ec);
      return;
    }
  }
}

void spare_pool::clear() {
  for (auto& x : spares_)
    end(x);
  spares_.clear();
}

std::size_t spare_pool::warm() const {
  return static_cast<std::size_t>(
    std::count_if(spares_.begin(), spares_.end(),
                  [this](const auto& x) { return is_warm(x); }));
}

bool spare_pool::is_warm(const spare& x) const {
  std::error_code ec;
  return fs::exists(x.dir + "/warm", ec);
}

void spare_pool::end(spare& x) {
  x.on_exit->change([](const process_exit&) {});
  launcher_->signal_group(x.process, SIGKILL);
  launcher_->forget(x.process);
  std::error_code ignored;
  fs::remove_all(x.dir, ignored);
}

} // namespace hearth::launch
