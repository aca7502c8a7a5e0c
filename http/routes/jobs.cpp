#include <algorithm>
#include <optional>

#include "actors/api/context_directory.hpp"
#include "actors/api/messages.hpp"
#include "http/core/json.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/job_query.hpp"
#include "http/routes/result_source.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

/// A list is made in memory.
constexpr int most_listed = 10'000;

/// A context that is there already has no start to wait for.
milliseconds deadline_of(const route_env& e, const job_request& job) {
  if (!job.sync || job.context.empty())
    return e.longest();
  return milliseconds{job.timeout_ms} + e.wait.margin;
}

/// The context to ask, or nothing: the supervisor.
std::optional<context_directory::entry> context_of(const route_env& e,
                                                   const job_request& job) {
  // The supervisor handles jobs with a key, and jobs that need a context of
  // their own.
  if (!e.actors.open || !job.key.empty() || job.context.empty())
    return std::nullopt;
  return e.actors.open->find(job.context);
}

/// How many jobs run in a context that has no slot for this one; 0: it may
/// have. The body is not looked at: a flood must cost next to nothing.
std::size_t refusal_of(const context_directory::entry& context,
                       const job_request& job) {
  return job.queue == queueing::yes ? 0 : context.slots->running_if_full();
}

response with_place(response x, const turnstile::pass& place) {
  x.place = place;
  return x;
}

/// Renders a report, from its file where the result is a large one.
auto report_of(const route_env& e, turnstile::pass place) {
  return [streams = result_streams{e},
          place = std::move(place)](const job_record& job) {
    return with_place(job.result_size > 0 ? streams.report(job)
                                          : with_json(json::job_details(job)),
                      place);
  };
}

response render_job(const result_streams& streams, bool sync,
                    const job_record& job) {
  if (sync && job.result_size > 0)
    return streams.answer(job);
  if (sync && is_final(job.state))
    return with_json(json::job_answer(job));
  return with_json(json::job_report(job), 202);
}

/// @returns false if there is no such state
bool read_state(std::string name, job_filter& filter) {
  for (char& c : name)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  for (auto state :
       {job_state::started, job_state::running, job_state::restarting,
        job_state::finished, job_state::error, job_state::killed}) {
    if (name == to_string(state)) {
      filter.by_state = true;
      filter.state = state;
      return true;
    }
  }
  return false;
}

} // namespace

namespace {

/// Answers when the job is over, or with what it is once the time is.
void await_job(const route_env& e, const exchange_ptr& call,
               milliseconds time) {
  time = std::min(time, e.settings.max_sync_wait);
  ask<job_record>(
    e, call,
    [id = checked_name(call->in.path[1]), supervisor = e.actors.supervisor,
     time, margin = e.wait.margin](auto* self) {
      return self->request(supervisor, time + margin, atom::await_v, id,
                           static_cast<std::int64_t>(time.count()));
    },
    report_of(e, nullptr));
}

} // namespace

namespace {

/// A requested job, and the context to ask to run it.
struct asked_job {
  job_request job;
  /// Nothing: the supervisor.
  std::optional<context_directory::entry> context;
};

/// Has the job run and answers as its client wants it.
void run_job(const route_env& e, const exchange_ptr& call,
             std::shared_ptr<asked_job> asked) {
  auto sync = asked->job.sync;
  auto context = asked->context ? asked->job.context : std::string{};
  auto wait = deadline_of(e, asked->job);
  ask<job_record>(
    e, call,
    [asked = std::move(asked), supervisor = e.actors.supervisor,
     wait](auto* self) {
      auto& [job, context] = *asked;
      return context
               ? self->request(context->actor, wait, atom::run_v,
                               std::move(job))
               : self->request(supervisor, wait, atom::run_v, std::move(job));
    },
    [streams = result_streams{e}, sync](const job_record& job) {
      return render_job(streams, sync, job);
    },
    [context = std::move(context)](const caf::error& err) {
      return failure(context.empty() ? err : error_of_context(err, context));
    });
}

} // namespace

void post_job(const route_env& e, const exchange_ptr& call) {
  // Shared: it is large, and moves from hand to hand.
  auto asked = std::make_shared<asked_job>();
  auto& job = asked->job;
  job = read_job_query(e, call->in);
  asked->context = context_of(e, job);
  if (auto running = asked->context ? refusal_of(*asked->context, job) : 0)
    return call->answer(
      failure(ec::no_slots, {no_slot_text(job.context, running), {}, {}, {}}));
  if (call->in.body.size() < large_text) {
    read_job_body(e, call->in, job);
    return run_job(e, call, std::move(asked));
  }
  run_large(e.helpers, call, "parse a body", [e, call, asked] {
    read_job_body(e, call->in, asked->job);
    run_job(e, call, asked);
  });
}

namespace {

/// @param place held until the answer is counted
void read_list(const route_env& e, const exchange_ptr& call,
               const job_filter& filter, turnstile::pass place) {
  ask<std::vector<job_record>>(
    e, call,
    [filter, store = e.actors.store, wait = e.wait.lookup](auto* self) {
      return self->request(store, wait, atom::list_v, filter);
    },
    [place = std::move(place)](const std::vector<job_record>& jobs) {
      return with_place(with_json(json::job_list(jobs)), place);
    });
}

} // namespace

void list_jobs(const route_env& e, const exchange_ptr& call) {
  job_filter filter;
  filter.limit = call->in.query.number("limit", filter.limit);
  const auto* status = call->in.query.find("status");
  // As SJS does: no job has a state that does not exist.
  if (filter.limit == 0 || (status && !read_state(*status, filter)))
    return call->answer(with_json("[]"));
  // As SJS does: what is negative asks for all.
  if (filter.limit < 0 || filter.limit > most_listed)
    filter.limit = most_listed;
  if (static_cast<std::size_t>(filter.limit) < large_list)
    return read_list(e, call, filter, nullptr);
  e.long_lists->enter(call, [e, call, filter](turnstile::pass place) {
    read_list(e, call, filter, std::move(place));
  });
}

void get_job(const route_env& e, const exchange_ptr& call) {
  auto seconds = call->in.query.number("wait", 0);
  if (seconds < 0)
    throw bad_request("The query parameter 'wait' must not be negative");
  if (seconds > 0)
    return await_job(e, call, std::chrono::seconds{seconds});
  auto id = checked_name(call->in.path[1]);
  e.reports->enter(call, [e, call, id](turnstile::pass place) {
    ask<job_record>(
      e, call,
      [id, store = e.actors.store, wait = e.wait.lookup](auto* self) {
        return self->request(store, wait, atom::get_v, atom::by_id_v, id);
      },
      report_of(e, std::move(place)));
  });
}

void get_job_history(const route_env& e, const exchange_ptr& call) {
  ask<state_history>(
    e, call,
    [id = checked_name(call->in.path[1]), store = e.actors.store,
     wait = e.wait.lookup](auto* self) {
      return self->request(store, wait, atom::history_v, atom::by_id_v, id);
    },
    [](const state_history& all) { return with_json(json::history(all)); });
}

void get_job_config(const route_env& e, const exchange_ptr& call) {
  auto id = checked_name(call->in.path[1]);
  e.configurations->enter(call, [e, call, id](turnstile::pass place) {
    ask<std::string>(
      e, call,
      [id, store = e.actors.store, wait = e.wait.lookup](auto* self) {
        return self->request(store, wait, atom::config_v, id);
      },
      [place = std::move(place)](std::string&& config) {
        return with_place(with_json(std::move(config)), place);
      });
  });
}

void delete_job(const route_env& e, const exchange_ptr& call) {
  ask<job_record>(
    e, call,
    [id = checked_name(call->in.path[1]),
     force = call->in.query.flag("force", false),
     supervisor = e.actors.supervisor, wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::kill_v, id, force);
    },
    [](const job_record& job) { return with_json(json::job_killed(job)); });
}

} // namespace hearth::http
