/// The typed interface of every actor of the server. The comment above each
/// message says what it asks for, what the answer is, and which error codes of
/// actors/api/error.hpp it can fail with.
#pragma once

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/api/atoms.hpp"
#include "actors/api/fwd.hpp"

namespace hearth {

/// A part of the interface of every long-lived actor.
using status_actor = caf::typed_actor<
  // The status of this actor and of those below it.
  caf::replies_to<atom::status>::with<std::vector<actor_status>>>;

/// Owns the database; batches the writes in its mailbox into one transaction. A
/// write that is answered with ec::outcome_unknown may be stored or not; one
/// that is answered with any other error is not.
using store_actor = caf::typed_actor<
  // Store a context, answered after the commit.
  caf::replies_to<atom::put, context_record>::with<atom::ok>,
  // Store a job; the durability says whether the commit is flushed.
  caf::replies_to<atom::insert, job_record, durability>::with<atom::ok>,
  // Store a job that waits for a slot, with everything that is needed to run it
  // later; flushed.
  caf::replies_to<atom::insert, job_record, queue_entry>::with<atom::ok>,
  // That job does not wait any more.
  caf::reacts_to<atom::dequeue, std::string>,
  // Move a job forward.
  caf::replies_to<atom::update, job_update, durability>::with<atom::ok>,
  // Add a step to the history of a job.
  caf::reacts_to<atom::put, job_note>,
  // Add a step to the history of a context.
  caf::reacts_to<atom::put, context_note>,
  // Take an Idempotency-Key, flushed; answered with the claim that holds it.
  caf::replies_to<atom::put, key_claim>::with<key_claim>,
  // Give that key back.
  caf::reacts_to<atom::forget_key, std::string>,
  // Store a version of a binary.
  caf::replies_to<atom::put, binary_record>::with<atom::ok>,
  // Forget a binary with all its versions.
  caf::replies_to<atom::erase, std::string>::with<atom::ok>,
  // Every version of every binary, oldest first.
  caf::replies_to<atom::list>::with<std::vector<binary_record>>,
  // The newest context of that name; ec::context_unknown.
  caf::replies_to<atom::get, atom::by_name, std::string>::with<context_record>,
  // A job by id, with its result; ec::job_not_found.
  caf::replies_to<atom::get, atom::by_id, std::string>::with<job_record>,
  // A job's configuration as JSON; ec::job_not_found.
  caf::replies_to<atom::config, std::string>::with<std::string>,
  // The history of a job; ec::job_not_found.
  caf::replies_to<atom::history, atom::by_id, std::string>::with<state_history>,
  // The history of the newest context of that name; ec::context_unknown.
  caf::replies_to<atom::history, atom::by_name,
                  std::string>::with<state_history>,
  // Jobs, newest first.
  caf::replies_to<atom::list, job_filter>::with<std::vector<job_record>>,
  // To itself: commit the batch.
  caf::reacts_to<atom::commit>,
  // To itself: connect to the database again.
  caf::reacts_to<atom::reconnect>,
  // To itself: forget the records that are due.
  caf::reacts_to<atom::forget>,
  // To itself, every minute: look whether something is due to be forgotten.
  caf::reacts_to<atom::expire, atom::forget>>::extend_with<status_actor>;

/// Writes the content of binaries; a child of `binaries`.
using content_actor = caf::typed_actor<
  // Hash and store content; answered with its digest once it is on the disk.
  caf::replies_to<atom::put, binary_upload>::with<std::string>,
  // Remove the content of that digest.
  caf::reacts_to<atom::erase, binary_type,
                 std::string>>::extend_with<status_actor>;

/// Looks at files that jobs name by their path; a child of `binaries`. A file
/// system that hangs delays only jobs that name such a file.
using local_files_actor = caf::typed_actor<
  // The file of that name (as the job gave it) and path; empty if there is no
  // such file.
  caf::replies_to<atom::get, std::string, std::string>::with<
    resolved_binaries>>::extend_with<status_actor>;

/// Fetches jars that jobs need from other servers.
using dependencies_actor = caf::typed_actor<
  // The jars that a http, https or ftp URL or `maven:group:artifact:version`
  // stands for. The list has the paths of files that jobs and contexts use,
  // which must not be removed. ec::job_loading_failed, ec::malformed_url.
  caf::replies_to<atom::resolve, std::string, std::vector<std::string>>::with<
    resolved_binaries>>::extend_with<status_actor>;

/// The same with the messages that this actor sends to itself.
using dependencies_self = dependencies_actor::extend<
  // To itself: the transfer for that URI has ended.
  caf::reacts_to<atom::fetched, std::string, transfer_outcome>,
  // To itself: the fetch of that URI with that number has taken too long.
  caf::reacts_to<atom::expire, std::string, std::uint64_t>>;

/// Knows which content each binary's name stands for, and who uses it.
using binaries_actor = caf::typed_actor<
  // Store a new version; answered once it is on the disk.
  caf::replies_to<atom::put, binary_upload>::with<binary_record>,
  // The newest version of each name.
  caf::replies_to<atom::list>::with<listed_binaries>,
  // The newest version of a name; ec::binary_unknown.
  caf::replies_to<atom::get, std::string>::with<binary_record>,
  // Forget a name; ec::binary_not_there, ec::binary_in_use.
  caf::replies_to<atom::erase, std::string>::with<atom::ok>,
  // Take binaries into use; ec::binary_not_found, ec::malformed_url,
  // ec::job_loading_failed.
  caf::replies_to<atom::resolve, resolve_request>::with<resolved_binaries>,
  // The job or context of that id does not need its binaries any more.
  caf::reacts_to<atom::release, std::string>>::extend_with<status_actor>;

/// The same as its own actor sees it.
using binaries_self = binaries_actor::extend<
  // Look whether uploads of which nobody knows whether they are stored are.
  caf::reacts_to<atom::look>>;

/// Keeps the files that clients uploaded to `/data`, and reads files for agents
/// that cannot see them.
using data_actor = caf::typed_actor<
  // Store a file; answered with its path once it is on the disk.
  caf::replies_to<atom::put, data_upload>::with<std::string>,
  // The paths of all files.
  caf::replies_to<atom::list>::with<std::vector<std::string>>,
  // Remove the file of that path; ec::bad_request, ec::data_not_found.
  caf::replies_to<atom::erase, std::string>::with<atom::ok>,
  // Remove all files.
  caf::replies_to<atom::erase_all>::with<atom::ok>,
  // A part of a data file or of a job's binary; ec::bad_request,
  // ec::data_not_found.
  caf::replies_to<atom::get,
                  file_wanted>::with<file_part>>::extend_with<status_actor>;

/// Posts the ends of jobs to their callback URLs.
using callbacks_actor = caf::typed_actor<
  // Remember the callback URL of a job that is about to run: its id, its URL.
  // Answered once that is on the disk. ec::overloaded.
  caf::replies_to<atom::put, std::string, std::string>::with<atom::ok>,
  // The end of the job of that id is stored, so its callback is due.
  caf::reacts_to<atom::end_stored, std::string>>::extend_with<status_actor>;

/// The same with the messages that this actor sends to itself.
using callbacks_self = callbacks_actor::extend<
  // To itself: the delivery for that job has ended.
  caf::reacts_to<atom::fetched, std::string, transfer_outcome>,
  // To itself: try again to deliver for that job.
  caf::reacts_to<atom::tick, std::string>>;

/// Starts the processes of contexts.
using drivers_actor = caf::typed_actor<
  // Start the process of a context; ec::context_init_failed.
  caf::replies_to<atom::start, launch_request>::with<process_id>,
  // The last lines of a context's log, by the context's id; "" if there is no
  // log.
  caf::replies_to<atom::get, std::string>::with<std::string>,
  // The process of that context is gone: remove the files that only it needed.
  caf::replies_to<atom::erase, std::string>::with<atom::ok>,
  // That context takes jobs: work that waited for its start may begin.
  caf::reacts_to<atom::ready, std::string>,
  // A spare process ended.
  caf::reacts_to<process_ended>,
  // To itself: look after archives and spare processes.
  caf::reacts_to<atom::maintain>,
  // To itself, periodically: the same.
  caf::reacts_to<atom::tick>>::extend_with<status_actor>;

/// Keeps results that are too large for memory in files, and reads them for
/// clients. The client of a job that still runs can read the result while it
/// arrives, at that client's pace. Each message names the job by its id.
using results_actor = caf::typed_actor<
  // Begin the result of a running job, whose actor is the sender. True: its
  // client reads the result while it arrives.
  caf::reacts_to<atom::begin, std::string, bool>,
  // Add bytes to it. Answered when they are written and the client that reads
  // while it arrives is not far behind; ec::storage_full.
  caf::replies_to<atom::put, std::string, std::string>::with<atom::ok>,
  // The agent sends the result again, from its first byte.
  caf::reacts_to<atom::begin_anew, std::string>,
  // The result is complete; answered with its size once all of it is in its
  // file.
  caf::replies_to<atom::commit, std::string, durability>::with<std::int64_t>,
  // The job's end is stored: its client may learn that the result is complete.
  caf::reacts_to<atom::end_stored, std::string>,
  // Remove the result; clients that are reading it learn that it broke off.
  caf::reacts_to<atom::erase, std::string>,
  // The bytes from that offset on, of a finished job or, for the client that
  // reads while the result arrives, of a running one. Whoever asks has used all
  // bytes before that offset.
  caf::replies_to<atom::get, std::string, std::uint64_t>::with<result_block>,
  // The client that read the result while it arrived has disconnected.
  caf::reacts_to<atom::left, std::string>,
  // To itself: check whether that client has begun to read.
  caf::reacts_to<atom::expire, std::string>>::extend_with<status_actor>;

/// Remembers the progress of running jobs.
using progress_actor = caf::typed_actor<
  // The job of that id has reported progress.
  caf::reacts_to<atom::put, std::string, job_progress>,
  // The job of that id is over.
  caf::reacts_to<atom::erase, std::string>,
  // The progress that the job of that id reported last.
  caf::replies_to<atom::get,
                  std::string>::with<job_progress>>::extend_with<status_actor>;

/// Reads the logs of contexts. A message names the context by its id, and a job
/// by its id to get only that job's lines, or "" to get all.
using logs_actor = caf::typed_actor<
  // The last lines, as many as asked for, and where to go on.
  caf::replies_to<atom::list, std::string, std::string,
                  std::int32_t>::with<log_block>,
  // The lines from that offset on.
  caf::replies_to<atom::get, std::string, std::string,
                  std::uint64_t>::with<log_block>>::extend_with<status_actor>;

/// Hashes one password at a time; a child of the actor that knows the users.
using password_actor = caf::typed_actor<
  // Whether that hash is the hash of that password.
  caf::replies_to<atom::get, std::string,
                  std::string>::with<bool>>::extend_with<status_actor>;

/// Knows the users and their passwords.
using access_actor = caf::typed_actor<
  // The permissions (conf::permissions) of the user with that name and
  // password; 0 if there is no such user. ec::overloaded if too many checks
  // wait already.
  caf::replies_to<atom::get, std::string, std::string>::with<std::uint32_t>,
  // The same for a client with that address; addresses are served in turn.
  caf::replies_to<atom::get, std::string, std::string,
                  std::string>::with<std::uint32_t>,
  // To itself: log how many failed logins were not logged one by one.
  caf::reacts_to<atom::tick>>::extend_with<status_actor>;

/// One job while it runs.
using job_actor = caf::typed_actor<
  // Run the job. Answered when it has started (async) or ended (sync), or with
  // an error.
  caf::replies_to<atom::run>::with<job_record>,
  // Kill the job; true: by force. Answered once its end was observed.
  // ec::job_not_running.
  caf::replies_to<atom::kill, bool>::with<job_record>,
  // The job's record once its end is stored, or its present one after that many
  // milliseconds. A state_version of 0 means that only the store has the whole
  // record.
  caf::replies_to<atom::await, std::int64_t>::with<job_record>,
  // The job's context is ending, for that reason; true: its process is gone.
  caf::reacts_to<atom::abort, problem, bool>,
  // The actor of the job's context died, for that reason.
  caf::reacts_to<atom::disowned, problem>,
  // The job waited for a slot, and has one now.
  caf::reacts_to<atom::has_slot>,
  // A frame about this job.
  caf::reacts_to<agent_frame>,
  // The job's agent is back, on a new link.
  caf::reacts_to<agent_hello>,
  // The client that read the job's result while it arrived has disconnected.
  caf::reacts_to<atom::left>,
  // To itself: the job's client has waited for long enough.
  caf::reacts_to<atom::expire, atom::wait>,
  // To itself: the time that the agent has to kill the job is over.
  caf::reacts_to<atom::expire, atom::kill>,
  // To itself: try again to store its end.
  caf::reacts_to<atom::retry_end>,
  // To itself: the job has waited for a slot for too long.
  caf::reacts_to<atom::expire, atom::max_wait>,
  // To itself: the `await` with that number has waited for long enough.
  caf::reacts_to<atom::expire, atom::await,
                 std::uint64_t>>::extend_with<status_actor>;

/// One context: its process, its link to the agent, its jobs.
using context_actor = caf::typed_actor<
  // Start the process; answered when it takes jobs. ec::context_init_failed.
  caf::replies_to<atom::start>::with<context_record>,
  // Run a job. ec::no_slots, ec::context_stopping, and all errors of job_actor.
  caf::replies_to<atom::run, job_request>::with<job_record>,
  // Await a job that its agent has not reported yet, by id; otherwise as
  // job_actor does. ec::job_not_running.
  caf::replies_to<atom::await, std::string, std::int64_t>::with<job_record>,
  // Kill a job that its agent has not reported yet, by id; true: by force.
  // ec::job_not_running.
  caf::replies_to<atom::kill, std::string, bool>::with<job_record>,
  // A job cannot be ended in any other way: end the process, for that reason.
  caf::reacts_to<atom::kill, problem>,
  // End the process and start another one; true: jobs that arrive meanwhile
  // wait. Answered when the context takes jobs again.
  caf::replies_to<atom::restart, bool>::with<context_record>,
  // Take over the process that an earlier server started.
  caf::reacts_to<atom::recover>,
  // Stop; true: by force. Answered when the process is gone.
  // ec::context_stop_pending after the deletion time-out.
  caf::replies_to<atom::stop, bool>::with<context_record>,
  // Its record. If the context has ended, the answer comes once its end and
  // those of its jobs are stored, or after a second.
  caf::replies_to<atom::get>::with<context_record>,
  // The context's agent has connected, over that link.
  caf::reacts_to<agent_hello>,
  // A frame of the agent that belongs to no live job.
  caf::reacts_to<agent_frame>,
  // The link to the agent is gone.
  caf::reacts_to<agent_closed>,
  // The context's process has ended.
  caf::reacts_to<process_ended>,
  // The job of that id has ended and its end is stored; true: it failed.
  caf::reacts_to<atom::job_done, std::string, bool>,
  // To itself: the context was not ready in time.
  caf::reacts_to<atom::expire, atom::init, std::uint64_t>,
  // To itself: the context was not stopped in time.
  caf::reacts_to<atom::expire, atom::stop>,
  // To itself: try again to store the context's end.
  caf::reacts_to<atom::retry_end>,
  // To itself: try again to store the end of that job, whose actor died.
  caf::reacts_to<atom::retry_end, std::string>,
  // To itself: take the next step of the kill ladder.
  caf::reacts_to<atom::expire, atom::step, std::uint64_t>,
  // To itself: the agent did not connect again in time.
  caf::reacts_to<atom::expire, atom::redial, std::uint64_t>,
  // To itself: the process ended, and its link should have closed by now.
  caf::reacts_to<atom::expire, atom::last_words, std::uint64_t>,
  // To itself: clients have waited long enough to see the context's end.
  caf::reacts_to<atom::expire, atom::readers>,
  // To itself: check whether the process exists, and its condition.
  caf::reacts_to<atom::look>,
  // To itself: the pause before the next process is over.
  caf::reacts_to<atom::expire, atom::pause, std::uint64_t>,
  // To itself: a job has waited too long for the context to come back.
  caf::reacts_to<atom::expire, atom::arrival, std::uint64_t>,
  // To itself: no job has arrived for too long.
  caf::reacts_to<atom::expire, atom::idle, std::uint64_t>,
  // To itself: the process has reached its maximal lifetime.
  caf::reacts_to<atom::expire, atom::lifetime,
                 std::uint64_t>>::extend_with<status_actor>;

/// Knows all contexts of this server by their names, and makes them.
using supervisor_actor = caf::typed_actor<
  // Make a context; answered when it takes jobs. ec::context_exists,
  // ec::context_name_invalid, ec::context_init_failed.
  caf::replies_to<atom::create, context_request>::with<context_record>,
  // Stop a context; true: by force. ec::context_not_found.
  caf::replies_to<atom::stop, std::string, bool>::with<context_record>,
  // The last context of that name, live or ended; ec::context_unknown.
  caf::replies_to<atom::get, std::string>::with<context_record>,
  // Names of live contexts.
  caf::replies_to<atom::list>::with<std::vector<std::string>>,
  // Run a job in a context or in one made for it.
  caf::replies_to<atom::run, job_request>::with<job_record>,
  // A job's record once its end is stored, or its present one after that many
  // milliseconds. ec::job_not_found.
  caf::replies_to<atom::await, std::string, std::int64_t>::with<job_record>,
  // End a context's process and start another one; true: jobs that arrive
  // meanwhile wait. ec::context_not_found.
  caf::replies_to<atom::restart, std::string, bool>::with<context_record>,
  // Kill a job; true: by force. Answered with its record, also if it had failed
  // before. ec::job_not_found, ec::job_not_running.
  caf::replies_to<atom::kill, std::string, bool>::with<job_record>,
  // Stop all contexts and start those of the configuration; answered when that
  // is done.
  caf::replies_to<atom::reset>::with<atom::ok>,
  // Start the contexts of the configuration.
  caf::reacts_to<atom::start_all>,
  // Stop all contexts and make no new ones; true: by force. Answered when their
  // processes are gone.
  caf::replies_to<atom::stop_all, bool>::with<atom::ok>,
  // Leave all contexts, whose processes live on, to the next server, and make
  // no new ones.
  caf::replies_to<atom::detach>::with<atom::ok>,
  // An agent has connected; it says which context it belongs to.
  caf::reacts_to<agent_hello>,
  // To itself: try again to store the end of that context, whose actor died.
  caf::reacts_to<atom::retry_end, std::string>>::extend_with<status_actor>;

class context_directory;

/// The root actors, for the routes of the HTTP server.
struct actor_handles {
  supervisor_actor supervisor;
  binaries_actor binaries;
  store_actor store;
  data_actor data;
  results_actor results;
  callbacks_actor callbacks;
  progress_actor progress;
  logs_actor logs;
  access_actor access = {}; ///< null if everyone may do everything
  /// The live contexts; if null, all jobs go to the supervisor.
  std::shared_ptr<const context_directory> open = {};
};

} // namespace hearth
