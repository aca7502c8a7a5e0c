/// The actor that posts the end of a job to the job's `callbackUrl`. Announced
/// URLs are kept in files, so that the next server delivers what a killed one
/// could not.
///
/// A job announces its URL before it runs, and tells this actor when its end is
/// stored. The job's record in the store is then delivered, unless the job was
/// killed.
///
///   announced ──ended──> queued ──its turn──> under way ──2xx──> delivered
///                          ▲                      │
///                          │ pause, twice as      │ failed
///                          │ long each time       ▼
///                          └─────────────────── pausing ──the last try──>
///                          given up
///
/// Many deliveries run at once, but only few of them to one host, so that a
/// host that does not answer delays only its own deliveries.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "base/fair_queue.hpp"
#include "runtime/fetch/transfers.hpp"

namespace hearth {

struct callback_settings {
  std::string folder; ///< where announced URLs are kept
  std::int32_t attempts = 5;
  std::chrono::milliseconds pause{1'000};  ///< after the first failure
  std::chrono::milliseconds limit{10'000}; ///< for the whole of one attempt
  std::size_t max_waiting = 10'000;        ///< announced and not yet delivered
  /// Renders a record as the client of a sync request would have got it.
  std::function<std::string(const job_record&)> render;
  std::size_t at_once = 64;        ///< how many deliveries run at once
  std::size_t at_once_of_host = 2; ///< how many of them to one host
  /// When the server began. URLs that were announced since then belong to jobs
  /// that may still run, even if the store does not know them yet.
  std::filesystem::file_time_type begun
    = std::filesystem::file_time_type::clock::now();
};

/// A callback that was announced.
struct callback {
  enum class stage { idle, queued, under_way };

  std::string url;
  std::string host;
  stage at = stage::idle;
  std::int32_t failures = 0;
  bool ended = false; ///< its job has ended, or belongs to an earlier server
};

/// Returns how long to wait after a failed attempt before the next one. The
/// pause doubles with each failure, up to a minute. It is then shortened by up
/// to a half at random, so that deliveries that failed together do not come
/// back together.
/// @param failures how many attempts have failed, from 1 on
/// @param chance a random number from 0 to 1
std::chrono::milliseconds retry_pause(std::chrono::milliseconds first,
                                      std::int32_t failures, double chance);

struct callbacks_state {
  static inline const char* name = "callbacks";

  explicit callbacks_state(callbacks_self::pointer self) : self(self) {
    // nop
  }

  /// Takes over the callbacks that an earlier server, or this actor before it
  /// was restarted, left.
  void load();

  caf::result<atom::ok> announce(const std::string& job,
                                 const std::string& url);

  /// Call it when the end of that job is stored, or when the job will never
  /// run.
  void ended(const std::string& job);

  /// Queues the delivery for a job that may have ended.
  void due(const std::string& job);

  /// Call it when the delivery for that job has ended, with or without success.
  void delivered(const std::string& job, const transfer_outcome& outcome);

  std::string summary() const;

  callbacks_self::pointer self;
  callback_settings settings;
  store_actor store;
  std::shared_ptr<transfers> http;
  millis since = 0;
  std::map<std::string, callback> waiting; ///< by the job's id

private:
  void add(const std::string& job, const std::string& url);
  void start_next();
  void look_up(const std::string& job);
  void not_stored(const std::string& job);
  void deliver(const job_record& job);
  void retry(const std::string& job, const std::string& reason);
  void look_again(const std::string& job, std::int32_t failures);
  void end_turn(callback& x);
  void forget(const std::string& job);

  fair_queue<fifo<std::string>> queue_;        ///< jobs, by host
  std::map<std::string, std::size_t> running_; ///< deliveries, by host
  std::size_t running_total_ = 0;
};

/// @param http runs the transfers; null: libcurl
callbacks_self::behavior_type
callbacks(callbacks_self::stateful_pointer<callbacks_state> self,
          callback_settings settings, store_actor store,
          std::shared_ptr<transfers> http);

} // namespace hearth
