/// Decides what `/healthz` answers.
///
/// However many clients ask, at most one sweep over the parts is under way, and
/// its verdict is used for `deadlines::health_lasts`. `/healthz` is never
/// refused by `admission`, so it must cost next to nothing in a flood.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/api/messages.hpp"
#include "http/core/message.hpp"

namespace hearth::http {

struct route_env;

/// Finds out which parts are dead or silent, or have lost what they work with,
/// from their answers over time. Some parts do one long thing at a time and
/// cannot answer meanwhile. Such a part counts as silent only when that has
/// taken longer than it may. Not thread-safe.
class silence_record {
public:
  using clock = std::chrono::steady_clock;
  using patience = std::map<std::string, std::chrono::milliseconds>;

  /// Notes the answers of a sweep.
  /// @returns a phrase for each part that is dead or silent, such as "store
  ///          does not answer"
  std::vector<std::string> note(const std::vector<actor_status>& lines,
                                const patience& busy, clock::time_point now);

private:
  std::map<std::string, clock::time_point> since_; ///< by name of a silent part
};

/// Answers requests for `/healthz`. Thread-safe.
class health_check {
public:
  /// Answers, now or once the sweep is over.
  void answer(const route_env& e, const exchange_ptr& call);

private:
  using clock = std::chrono::steady_clock;

  struct verdict {
    std::vector<std::string> wrong;
    clock::time_point from;
  };

  void decide(const std::vector<actor_status>& lines,
              const silence_record::patience& busy);

  std::mutex mutex_;
  bool sweeping_ = false;
  std::vector<exchange_ptr> waiting_;
  std::optional<verdict> last_;
  silence_record silence_;
};

} // namespace hearth::http
