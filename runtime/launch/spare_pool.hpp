/// Processes that are kept warm until a context takes one as its own.
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

/// A spare is a driver that has had a Spark context already. It waits on its
/// standard input, a pipe, for the path of a start file; if the server goes
/// first, the pipe's end is the spare's end too.
///
/// It lives in a folder of its own, `FOLDER/NAME`, with `driver.log` and, once
/// it is warm, the file `warm`. When a context takes it, that folder becomes
/// the context's, and a link stays where it was, for the JVM knows its working
/// directory by that path.
///
/// Not thread-safe, but for the handlers that it gives to the launcher.
class spare_pool {
public:
  /// Removes what earlier servers left in `folder`, which need not exist.
  spare_pool(std::shared_ptr<launcher> processes, std::string folder);

  /// Ends all spares.
  ~spare_pool();

  spare_pool(const spare_pool&) = delete;
  spare_pool& operator=(const spare_pool&) = delete;

  /// Starts one. @param key what it was made from: environment, arguments
  /// @param on_death called as by a launcher, if it ends while it is a spare
  /// @throws launch_error, std::filesystem::filesystem_error
  void start(const process_spec& key, process_spec command,
             exit_handler on_death);

  /// A warm spare made from `key` becomes the process of a context.
  /// @param dir the context's folder, empty
  /// @param write writes the start file there and returns its path
  /// @returns nothing if there is none; the context has to start cold then
  std::optional<process_id> adopt(const process_spec& key,
                                  const std::string& dir,
                                  const std::function<std::string()>& write,
                                  exit_handler on_exit);

  /// Forgets a spare that died. @returns false if it was no spare
  bool bury(process_id process);

  /// Ends the spares whose folders somebody removed: they can never be warm.
  void drop_lost();

  /// Removes the link that leads to this context's folder. Call it when the
  /// context's process is gone.
  void remove_link(const std::string& dir);

  /// Ends all spares.
  void clear();

  std::size_t size() const noexcept {
    return spares_.size();
  }

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
