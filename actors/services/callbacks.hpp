/// Tells the `callbackUrl` of a job how it ended. What is to be told lies in
/// files, so that a server that was killed tells it when it is back.
///
/// A job announces its URL before it runs, and says when its end is stored; its
/// record in the store is what is told then. A killed job's is not.
///
///   announced ──ended──> due ──2xx──> told
///                        │ ▲
///                failed  ▼ │ pause, twice as long each time
///                      waiting ──after the last try──> given up
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"

namespace hearth {

struct callback_settings {
  std::string folder; ///< where announced URLs are kept
  std::int32_t attempts = 5;
  std::chrono::milliseconds pause{1'000};  ///< after the first failure
  std::chrono::milliseconds limit{10'000}; ///< of one attempt
  std::size_t max_waiting = 10'000;        ///< announced and not yet told
  /// What a client of a sync request would have got.
  std::function<std::string(const job_record&)> render;
};

/// A callback that was announced.
struct callback {
  std::string url;
  std::int32_t failures = 0;
};

struct callbacks_state {
  static inline const char* name = "callbacks";

  explicit callbacks_state(callbacks_actor::pointer self) : self(self) {
    // nop
  }

  /// Takes over what an earlier server left.
  void load();

  caf::result<atom::ok> announce(const std::string& job,
                                 const std::string& url);

  /// The job of that id may have ended: tells it if it has.
  void due(const std::string& job);

  void forget(const std::string& job);

  callbacks_actor::pointer self;
  callback_settings settings;
  store_actor store;
  courier_actor courier;
  millis since = 0;
  std::map<std::string, callback> waiting; ///< by the job's id

private:
  void tell(const job_record& job);
  void failed(const std::string& job, const std::string& why);
  void again(const std::string& job, std::int32_t failures);
};

callbacks_actor::behavior_type
callbacks(callbacks_actor::stateful_pointer<callbacks_state> self,
          callback_settings settings, store_actor store);

} // namespace hearth
