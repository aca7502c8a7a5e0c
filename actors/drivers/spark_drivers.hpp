/// Spark drivers of this server and what makes them start fast: the command
/// that spark-submit would end in, archives of classes, warm spares.
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

/// No actor: a part of `drivers`, used by its thread alone. Looks at files, and
/// waits for no process.
///
/// While a context starts nothing else is begun: neither an archive nor a
/// spare. One archive is made at a time, each once in a server's life; spares
/// that die are replaced after a pause that doubles up to a minute.
class spark_drivers {
public:
  using clock = std::chrono::steady_clock;

  struct spec {
    conf::spark_settings settings;
    conf::settings_map context_defaults; ///< what a spare is made with
    std::string data_dir;                ///< absolute
    std::shared_ptr<launch::launcher> launcher;
    /// Told of the end of spares, and of what makes archives; any thread.
    launch::exit_handler on_end;
    /// Has Spark's launcher asked on another thread; `learn` follows.
    std::function<void(const launch::submit_question&)> ask;
    /// Bytes that can be had without swapping, nothing if that is not known;
    /// "": what the kernel says.
    std::function<std::optional<std::size_t>()> available_memory;
    std::function<clock::time_point()> now = clock::now;
    std::string agent_address;            ///< where the agent port listens
    std::vector<std::string> environment; ///< process_spec::inherit
  };

  explicit spark_drivers(spec x);

  /// Ends spares and what makes an archive.
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

  /// Starts a driver or takes a spare. @param write called with Spark's
  /// settings; writes the start file and returns its path
  /// @returns nothing if Spark's launcher is asked first: once it has answered
  ///          the same request starts the driver
  /// @throws launch_error, launch::unknown_version
  std::optional<process_id>
  start(request x,
        const std::function<std::string(const launch::spark_settings&)>& write);

  /// What Spark's launcher said.
  void learn(const launch::submit_question& x, launch::submit_answer answer);

  /// That context takes jobs, or its process is gone.
  void settled(const std::string& id);

  /// Its process is gone.
  void forget(const std::string& dir);

  /// One that `on_end` told of.
  void ended(const launch::process_exit& how);

  /// Begins what is due. To be called every few seconds.
  void maintain();

  /// E.g. "1 of 1 spares warm".
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
  void archive_ended(const launch::process_exit& how);
  void abandon_archive();
  void maintain_spares(const driver& x);
  bool short_of_memory() const;

  spec spec_;
  std::string archive_dir_;
  launch::submit_commands commands_;
  launch::spare_pool spares_;
  std::set<std::vector<std::string>> asked_; ///< keys of questions
  std::set<std::string> starting_;
  std::optional<archiving> archiving_;
  /// Archives that contexts missed, by their files.
  std::map<std::string, std::pair<launch::process_spec, launch::class_archive>>
    wanted_;
  std::set<std::string> tried_; ///< files of archives
  std::set<std::string> told_;  ///< reasons for which there is no archive
  std::chrono::seconds pause_{1};
  clock::time_point next_spare_{};
};

} // namespace hearth
