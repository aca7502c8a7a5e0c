/// Keeps warm processes, called spares, until contexts take them.
/// `spark_drivers` owns it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/launch/child_input.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// A spare is a driver that has had a Spark context already. It reads the path
/// of a start file from its standard input, which is a pipe. If the server ends
/// first, the pipe ends, and so does the spare.
///
/// A spare has a folder of its own, `FOLDER/NAME`, with `driver.log` and, once
/// it is warm, the file `warm`. When a context takes the spare, that folder
/// becomes the context's. A link stays at the old path, because the JVM knows
/// its working directory by that path.
///
/// Not thread-safe, except for the handlers that it gives to the launcher.
class spare_pool {
public:
  /// Removes the files that earlier servers left in `folder`, which need not
  /// exist.
  spare_pool(std::shared_ptr<launcher> processes, std::string folder);

  /// Ends all spares.
  ~spare_pool();

  spare_pool(const spare_pool&) = delete;
  spare_pool& operator=(const spare_pool&) = delete;

  /// Starts a spare.
  /// @param key the environment and arguments that it is made from
  /// @param on_death called by the launcher if it ends while it is a spare
  /// @throws launch_error, std::filesystem::filesystem_error
  void start(const process_spec& key, process_spec command,
             exit_handler on_death);

  /// Makes a warm spare that was made from `key` the process of a context.
  /// @param dir the context's folder, which has to be empty
  /// @param write writes the start file there and returns its path
  /// @returns nothing if there is no such spare; the context then needs a cold
  ///          start
  std::optional<process_id> adopt(const process_spec& key,
                                  const std::string& dir,
                                  const std::function<std::string()>& write,
                                  exit_handler on_exit);

  /// Forgets a spare that died.
  /// @returns false if the process was not a spare
  bool bury(process_id process);

  /// Ends the spares whose folders were removed, since they can never become
  /// warm.
  void drop_lost();

  /// Removes the link to this context's folder. Call it when the context's
  /// process is gone.
  void remove_link(const std::string& dir);

  /// Ends all spares.
  void clear();

  std::size_t size() const noexcept {
    return spares_.size();
  }

  /// Returns how many spares are warm.
  std::size_t warm() const;

private:
  struct handler;
  struct spare {
    process_id process;
    child_input input;
    std::string dir;
    process_spec key;
    std::shared_ptr<handler> on_exit;
  };

  bool is_warm(const spare& x) const;
  void end(spare& x);

  std::shared_ptr<launcher> launcher_;
  std::string folder_;
  std::vector<spare> spares_;
  unsigned next_ = 0;
};

} // namespace hearth::launch
