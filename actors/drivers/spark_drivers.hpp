/// Starts this server's Spark drivers. It makes them start fast in three ways:
/// it runs the command that spark-submit would end in, it uses archives of
/// classes, and it keeps warm spares.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conf/settings.hpp"
#include "runtime/launch/class_archive.hpp"
#include "runtime/launch/spare_pool.hpp"
#include "runtime/launch/spark_homes.hpp"
#include "runtime/launch/submit_command.hpp"

namespace hearth {

/// Not an actor: the actor `drivers` owns it and uses it on its own thread. It
/// looks at files, but waits for no process.
///
/// While a context starts, neither an archive nor a spare is begun. One archive
/// is made at a time. If that fails it is not tried again; if an archive is
/// removed later, it is made again. A spare that dies is replaced after a
/// pause, which doubles up to a minute. All times are of the steady clock.
class spark_drivers {
public:
  using clock = std::chrono::steady_clock;

  struct spec {
    conf::spark_settings settings;
    conf::settings_map context_defaults; ///< settings of spares
    std::string data_dir;                ///< absolute
    std::shared_ptr<launch::launcher> launcher;
    /// Called on any thread when a spare, or the process that makes an archive,
    /// has ended.
    launch::exit_handler on_end;
    /// Asks Spark's launcher on another thread and then calls `learn`.
    std::function<void(const launch::submit_question&)> ask;
    /// Returns how many bytes of memory are available without swapping; nothing
    /// if that is not known. If this function is empty, the kernel is asked.
    std::function<std::optional<std::size_t>()> available_memory;
    std::function<clock::time_point()> now = clock::now;
    std::string agent_address = {};            ///< of the agent port
    std::vector<std::string> environment = {}; ///< for `process_spec::inherit`
  };

  explicit spark_drivers(spec x);

  /// Ends the spares and the process that makes an archive.
  ~spark_drivers();

  spark_drivers(const spark_drivers&) = delete;
  spark_drivers& operator=(const spark_drivers&) = delete;

  struct request {
    std::string id; ///< of the context
    std::string name;
    const conf::settings_map& settings;
    std::string dir; ///< the context's, empty
    launch::exit_handler on_exit;
  };

  /// Starts a driver or takes a spare.
  /// @param write is called with Spark's settings, writes the start file and
  ///        returns its path
  /// @returns nothing if Spark's launcher has to be asked first; repeat the
  ///          request once it has answered
  /// @throws launch_error, launch::unknown_version
  std::optional<process_id>
  start(request x,
        const std::function<std::string(const launch::spark_settings&)>& write);

  /// Call it with the answer of Spark's launcher.
  void learn(const launch::submit_question& x, launch::submit_answer answer);

  /// Call it when that context takes jobs, or when its process is gone.
  void settled(const std::string& id);

  /// Call it when the process of the context with that folder is gone.
  void forget(const std::string& dir);

  /// Call it, on the owner's thread, for each call of `on_end`.
  void ended(const launch::process_exit& exit);

  /// Begins archives and spares that are due. Call it every few seconds.
  void maintain();

  /// Returns e.g. "1 of 1 spares warm".
  std::string status() const;

private:
  struct driver {
    launch::process_spec command; ///< without the program's arguments
    std::string agent_jar;
    launch::spark_settings settings;
  };

  struct archiving {
    launch::class_archive archive;
    process_id process;
    launch::child_input input;
    std::string scratch;
    std::string dir;
    clock::time_point begun;
  };

  std::optional<driver> prepare(const conf::settings_map& settings,
                                const std::string& name,
                                const std::string& dir);
  std::optional<launch::class_archive> archive_of(const driver& x);
  launch::process_spec fast(const driver& x);
  void make_archive(const launch::process_spec& command,
                    const launch::class_archive& archive);
  void archive_ended(const launch::process_exit& exit);
  void remove_older_archives(const launch::class_archive& of);
  void abandon_archive();
  void maintain_spares(const driver& x);
  bool short_of_memory() const;

  spec spec_;
  std::string archive_dir_;
  launch::submit_commands commands_;
  launch::spare_pool spares_;
  std::set<std::vector<std::string>> asked_; ///< keys of open questions
  std::set<std::string> starting_;           ///< ids of contexts
  std::optional<archiving> archiving_;
  /// Archives that a start of a context lacked, by their files.
  std::map<std::string, std::pair<launch::process_spec, launch::class_archive>>
    wanted_;
  /// Files of the archives that are being made or could not be made.
  std::set<std::string> tried_;
  std::set<std::string> told_; ///< logged reasons why there is no archive
  std::chrono::seconds pause_{1};
  clock::time_point next_spare_{};
};

} // namespace hearth
