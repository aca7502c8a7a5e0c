#include "http/routes/result_source.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "actors/api/messages.hpp"
#include "http/core/json.hpp"
#include "http/core/reply.hpp"

namespace hearth::http {

namespace {

class result_source : public body_source {
public:
  result_source(const result_streams& from, std::string job)
    : from_(from), job_(std::move(job)) {}

  void read(std::uint64_t offset, std::function<void(part)> give) override {
    from_.read(job_, offset, std::move(give));
  }

protected:
  result_streams from_;
  std::string job_;
};

/// The one that a job waits for.
class live_result_source final : public result_source {
public:
  using result_source::result_source;

  ~live_result_source() override {
    // Of no meaning to a result that is complete.
    from_.leave(job_);
  }
};

response streamed(json::halves text, std::shared_ptr<body_source> source) {
  auto result = with_json(std::move(text.before));
  result.tail = std::move(text.behind);
  result.source = std::move(source);
  return result;
}

} // namespace

response result_streams::report(const job_record& job) const {
  auto result = streamed(json::job_report_around(job),
                         std::make_shared<result_source>(*this, job.id));
  result.source_size = static_cast<std::uint64_t>(job.result_size);
  return result;
}

response result_streams::answer(const job_record& job) const {
  return streamed(json::job_answer_around(job),
                  std::make_shared<live_result_source>(*this, job.id));
}

void result_streams::read(const std::string& job, std::uint64_t offset,
                          std::function<void(body_source::part)> give) const {
  system_->spawn([=, results = results_,
                  wait = wait_](caf::event_based_actor* self) {
    // CAF keeps the deadline of an answered request, and with it its actor.
    auto leave = [self] { self->home_system().clock().cancel_timeouts(self); };
    self->request(results, wait, atom::get_v, job, offset)
      .then(
        [give, leave](result_block& block) {
          leave();
          give({std::move(block.bytes), block.last, false});
        },
        [give, leave](const caf::error&) {
          leave();
          give({{}, false, true});
        });
  });
}

void result_streams::leave(const std::string& job) const {
  caf::anon_send(results_, atom::left_v, job);
}

} // namespace hearth::http
