#include "actors/jobs/job.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};

/// No client of a sync job waits for RUNNING. Reporting it only after 100 ms
/// saves an update of the store for the many jobs that end sooner, also on a
/// busy machine.
constexpr std::uint64_t sync_started_after_ms = 100;

ec to_ec(protocol::refusal x) {
  switch (x) {
    case protocol::refusal::class_not_found:
      return ec::class_not_found;
    case protocol::refusal::wrong_context:
      return ec::wrong_context_kind;
    case protocol::refusal::validation_failed:
      return ec::validation_failed;
    case protocol::refusal::stopping:
      return ec::context_stopping;
    case protocol::refusal::loading_failed:
      break;
  }
  return ec::job_loading_failed;
}

/// Returns the problem that a client gets for a refusal: the exception, or for
/// two refusals only the text that the contract fixes.
problem told(protocol::job_refused& x, const std::string& main_class) {
  switch (x.reason) {
    case protocol::refusal::class_not_found:
      return {"classPath " + main_class + " not found", {}, {}, {}};
    case protocol::refusal::wrong_context:
      return {"Invalid job type for this context", {}, {}, {}};
    default:
      return {std::move(x.why.message),
              std::move(x.why.error_class),
              std::move(x.why.stack),
              {}};
  }
}

/// Checks the frame before the job is stored, because later no client could
/// learn that it is too large.
/// @throws protocol_error if the frame is over a limit
void check_limits(const protocol::frame& x, const shared_text& payload) {
  std::string head;
  protocol::encode_head(x.kind, x.header, payload.size(), head);
}

} // namespace

void job_actor_state::send(protocol::frame x) {
  if (spec.link)
    spec.link->send(std::move(x));
}

void job_actor_state::send_run(protocol::frame x) {
  if (spec.link)
    spec.link->send_with(std::move(x), record.config);
}

/// Without its payload, the configuration, which is not copied.
protocol::frame job_actor_state::run_frame() const {
  protocol::run_job x;
  x.job = record.id;
  x.main_class = record.main_class;
  x.binaries = binaries;
  x.max_result = spec.max_result;
  x.credit = link::result_window;
  x.user = spec.request.user;
  x.started_after_ms = spec.request.sync ? sync_started_after_ms : 0;
  return to_frame(x, {});
}

void job_actor_state::announce(resolved_binaries& found) {
  auto& url = spec.request.callback_url;
  if (url.empty()) {
    start(found);
    return;
  }
  self
    ->request(spec.services->callbacks, store_deadline, atom::put_v, record.id,
              url)
    .then([this, found](atom::ok) mutable { start(found); },
          [this](caf::error& e) { reject(std::move(e)); });
}

void job_actor_state::start(resolved_binaries& found) {
  if (machine.over())
    return;
  binaries = std::move(found.refs);
  try {
    record.binaries = protocol::to_json(binaries);
    auto frame = run_frame();
    // Everything that a 202 promises has to be on the disk, and a job that
    // cannot be stored must never run. The client of a sync job learns of it
    // only with the answer, so the job can be stored with its end, which saves
    // a write.
    if (spec.request.sync && spec.request.key.empty() && !spec.queued) {
      machine.sent();
      send_run(std::move(frame));
      return;
    }
    check_limits(frame, record.config);
    if (spec.queued)
      enqueue();
    else
      insert_then_run(std::move(frame));
  } catch (const protocol::protocol_error& e) {
    reject(make_error(ec::bad_request, e.what()));
  }
}

void job_actor_state::reject(caf::error reason) {
  if (machine.over())
    return;
  machine.refused(problem_of(reason));
  // Both before the answer: a client may use the slot, or delete the binary,
  // as soon as it has it.
  release_binaries();
  spec.slot->release();
  if (client.pending())
    client.deliver(std::move(reason));
  tell_callback();
  tell_context(false);
  leave();
}

void job_actor_state::insert(durability how) {
  if (sent_to_store)
    return;
  sent_to_store = true;
  self
    ->request(spec.services->store, store_deadline, atom::insert_v, record, how)
    .then([this](atom::ok) { stored = true; },
          // Its end stores all of it.
          [this](caf::error&) { sent_to_store = false; });
}

void job_actor_state::answer_start() {
  if (spec.request.sync || !stored || machine.now() == job_machine::phase::sent
      || refused || !client.pending())
    return;
  auto answer = record;
  answer.state = job_state::started;
  client.deliver(std::move(answer));
}

void job_actor_state::handle(agent_frame& x) {
  // A frame of an earlier link, or of an agent that forged the job's id.
  if (x.link != spec.link.get())
    return;
  try {
    apply(x);
  } catch (const protocol::protocol_error& e) {
    spdlog::error("job {}: its agent breaks the protocol: {}", record.id,
                  e.what());
    if (spec.link)
      spec.link->close();
    abort(
      {std::string{"the agent breaks the protocol: "} + e.what(), {}, {}, {}},
      false);
  }
}

void job_actor_state::apply(agent_frame& x) {
  switch (x.frame.kind) {
    case protocol::kind::job_started:
      if (!machine.started())
        return;
      record.state = job_state::running;
      record.run_time = now_ms();
      if (spec.request.sync)
        insert(durability::lazy);
      else
        self
          ->request(
            spec.services->store, store_deadline, atom::update_v,
            job_update{
              record.id, job_state::running, 0, {}, {}, 0, record.run_time},
            durability::lazy)
          .then([](atom::ok) {},
                [this](caf::error&) {
                  // The end carries all that matters; it is retried.
                  spdlog::warn("job {}: its start was not stored", record.id);
                });
      answer_start();
      return;
    case protocol::kind::job_refused: {
      auto no = protocol::parse_job_refused(x.frame);
      if (!machine.refused(told(no, record.main_class)))
        return;
      refused = true;
      refusal = to_ec(no.reason);
      end();
      return;
    }
    case protocol::kind::job_progress: {
      auto said = protocol::parse_job_progress(x.frame);
      said_progress = true;
      self->send(spec.services->progress, atom::put_v, record.id,
                 job_progress{said.done, said.total, std::move(said.text)});
      return;
    }
    case protocol::kind::result_part:
      take_part(x.frame);
      return;
    case protocol::kind::read_file:
      read_file(protocol::parse_read_file(x.frame), std::move(x.frame.lease));
      return;
    case protocol::kind::job_ended: {
      auto how = protocol::parse_job_ended(x.frame);
      take_end(how, x.frame.payload);
      return;
    }
    default:
      return;
  }
}

void job_actor_state::attach(link::agent_link_ptr link) {
  spec.link = std::move(link);
  switch (machine.now()) {
    case job_machine::phase::sent:
    case job_machine::phase::running:
      // The agent repeats its last report, and a result from its first part on.
      drop_result();
      if (!spec.leftover || spec.queued)
        send_run(run_frame());
      return;
    case job_machine::phase::killing:
      send(protocol::kill_job_frame(record.id));
      return;
    default:
      return;
  }
}

caf::result<job_record> job_actor_state::await(std::int64_t ms) {
  auto promise = self->make_response_promise<job_record>();
  watchers.emplace(++last_watcher, promise);
  self->delayed_send(self, std::chrono::milliseconds{ms}, atom::expire_v,
                     atom::await_v, last_watcher);
  return promise;
}

void job_actor_state::expire_await(std::uint64_t number) {
  auto i = watchers.find(number);
  if (i == watchers.end())
    return;
  i->second.deliver(report());
  watchers.erase(i);
}

/// Its record as the store has it, or will have it in a moment. An end counts
/// only once it is stored; then the actor leaves.
job_record job_actor_state::report() const {
  auto result = record;
  result.config = {};
  if (!end_is_stored) {
    result.state
      = record.run_time > 0 ? job_state::running : job_state::started;
    result.end_time = 0;
    result.reason = {};
    result.result.clear();
    result.result_size = 0;
  }
  // Only the store knows the steps of a job's queue and those that an earlier
  // server wrote.
  if (!spec.leftover && !spec.queued)
    result.state_version = 1 + notes + (result.run_time > 0 ? 1 : 0)
                           + (is_final(result.state) ? 1 : 0);
  return result;
}

void job_actor_state::disown(problem reason) {
  if (complete)
    return; // as in `abort`
  if (machine.disowned(std::move(reason)))
    end();
}

void job_actor_state::expire_wait() {
  // Also of a job that is over: the store may be away for longer than that.
  if (!client.pending())
    return;
  if (waits_for_insert())
    return give_up_insert();
  if (in_doubt)
    return answer_doubt();
  if (!spec.request.sync) {
    // The validation takes long. The client has waited long enough to learn of
    // a refusal from the answer; it will be in the record.
    if (stored) {
      auto answer = record;
      answer.state = job_state::started;
      client.deliver(std::move(answer));
    } else if (!machine.over() && !sent_to_store) {
      wait_for_binaries();
    }
    return;
  }
  if (!machine.over())
    insert(durability::lazy);
  auto what = "Request timed out after "
              + std::to_string(spec.request.timeout_ms)
              + " ms, the job runs on. Try using the /jobs/<jobID>, /jobs APIs "
                "to get status/results";
  auto error_class = std::string{"java.util.concurrent.TimeoutException"};
  client.deliver(
    make_error(ec::job_timeout, problem{what, error_class,
                                        error_class + ": " + what, record.id}));
}

job_actor_state::~job_actor_state() {
  if (!spec.services)
    return;
  spec.services->jobs->erase(spec.id, self->id());
  auto died = [this] {
    return make_error(ec::internal,
                      problem{"the server failed while it managed job "
                                + spec.id + "; its log says more",
                              {},
                              {},
                              spec.id});
  };
  if (client.pending())
    client.deliver(died());
  for (auto& promise : killers)
    promise.deliver(died());
  for (auto& [number, promise] : watchers)
    promise.deliver(died());
}

job_actor::behavior_type job(job_actor::stateful_pointer<job_actor_state> self,
                             std::shared_ptr<job_spec> spec) {
  auto& st = self->state;
  st.spec = std::move(*spec);
  st.since = now_ms();
  st.machine = job_machine{st.spec.id};
  st.record.id = st.spec.id;
  st.record.context_id = st.spec.context_id;
  st.record.context_name = st.spec.context_name;
  st.record.main_class = st.spec.request.main_class;
  st.record.config = std::move(st.spec.request.config);
  st.record.start_time = st.since;
  if (st.spec.leftover) {
    st.record = *st.spec.leftover;
    st.sent_to_store = st.stored = true;
    if (!st.spec.queued)
      st.machine.recovered(st.record.state);
  }
  if (st.spec.leftover && st.spec.queued)
    st.resume_queued();
  return {
    [=](atom::run) { return self->state.run(); },
    [=](atom::kill, bool force) { return self->state.kill(force); },
    [=](atom::await, std::int64_t ms) { return self->state.await(ms); },
    [=](atom::abort, problem& why, bool gone) {
      self->state.abort(std::move(why), gone);
    },
    [=](atom::disowned, problem& why) { self->state.disown(std::move(why)); },
    [=](atom::has_slot) { self->state.take_slot(); },
    [=](agent_frame& x) { self->state.handle(x); },
    [=](agent_hello& x) { self->state.attach(std::move(x.link)); },
    [=](atom::left) { self->state.client_left(); },
    [=](atom::expire, atom::wait) { self->state.expire_wait(); },
    [=](atom::expire, atom::kill) { self->state.expire_kill(); },
    [=](atom::retry_end) { self->state.store_end(); },
    [=](atom::expire, atom::max_wait) { self->state.expire_queued(); },
    [=](atom::expire, atom::await, std::uint64_t number) {
      self->state.expire_await(number);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return std::vector{own_status(self, "job", st.record.id,
                                    to_string(st.machine.now()),
                                    st.spec.context.id(), st.since)};
    },
  };
}

} // namespace hearth
