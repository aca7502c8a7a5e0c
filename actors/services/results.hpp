/// The actor that keeps each result that is too large for memory in a file. A
/// client that waits for a running job reads that file while it is still being
/// written:
///
/// ```
///  agent -- part --> job -- put --> file <-- get -- client's connection
///    ^                |              |                  |
///    +--- credit -----+<---- ok -----+ (written, and the client is near)
/// ```
///
/// A job may be ahead of its client by a fixed number of bytes, however large
/// the result is. So a job waits for a client that does not read.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "store/files/result_file.hpp"

namespace hearth {

struct result_settings {
  std::string folder;         ///< has to exist
  std::uint64_t min_free = 0; ///< bytes that results leave free on the disk
};

/// The result of a running job.
struct live_result {
  using reader = caf::typed_response_promise<result_block>;

  /// A `put` that is written, and answered when the client is near enough.
  struct held_put {
    std::uint64_t end; ///< the offset behind its bytes
    caf::typed_response_promise<atom::ok> promise;
  };

  std::unique_ptr<result_file> file;
  caf::weak_actor_ptr job;
  bool followed = false;  ///< a client reads it while it arrives
  bool asked = false;     ///< that client has begun to read
  std::uint64_t read = 0; ///< that client has used all bytes before this offset
  std::deque<held_put> held;
  std::optional<reader> waiting; ///< a request for the bytes from `read` on
};

struct results_state {
  static inline const char* name = "results";

  explicit results_state(results_actor::pointer self) : self(self) {
    // nop
  }

  /// Answers all requests that still wait with an error.
  ~results_state();

  results_state(const results_state&) = delete;
  results_state& operator=(const results_state&) = delete;

  void create(const std::string& id, bool followed);
  caf::result<atom::ok> put(const std::string& id, const std::string& bytes);
  void restart(const std::string& id);
  caf::result<std::int64_t> commit(const std::string& id, durability kind);
  void release(const std::string& id);
  void erase(const std::string& id);
  caf::result<result_block> get(const std::string& id, std::uint64_t offset);
  void leave(const std::string& id);
  void expire(const std::string& id);

  results_actor::pointer self;
  result_settings settings;
  millis since = 0;
  std::map<std::string, live_result> live; ///< by the job's id

private:
  void feed(live_result& x);
};

/// Spawn it detached: it blocks on the disk.
results_actor::behavior_type
results(results_actor::stateful_pointer<results_state> self,
        result_settings settings);

} // namespace hearth
