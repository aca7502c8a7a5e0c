/// Forward declarations and the type-ID block of all messages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/type_id.hpp>

namespace hearth {

enum class context_state : std::uint8_t;
enum class job_state : std::uint8_t;
enum class binary_type : std::uint8_t;
enum class durability : std::uint8_t;
enum class queueing : std::uint8_t;
struct problem;
struct process_id;
struct context_record;
struct job_record;
struct job_update;
struct binary_record;
struct job_filter;
struct state_history;
struct job_note;
struct context_note;
struct queue_entry;
struct key_claim;
struct context_request;
struct job_request;
struct binary_upload;
struct listed_binaries;
struct data_upload;
struct resolve_request;
struct resolved_binaries;
struct launch_request;
struct agent_hello;
struct agent_frame;
struct agent_closed;
struct process_ended;
struct actor_status;
struct result_block;
struct file_wanted;
struct file_part;
struct log_block;
struct job_progress;
struct transfer_outcome;

} // namespace hearth

CAF_BEGIN_TYPE_ID_BLOCK(hearth_types, first_custom_type_id)

  CAF_ADD_TYPE_ID(hearth_types, (hearth::context_state))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::job_state))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::binary_type))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::durability))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::queueing))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::problem))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::process_id))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::context_record))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::job_record))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::job_update))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::binary_record))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::job_filter))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::state_history))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::job_note))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::context_note))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::queue_entry))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::key_claim))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::context_request))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::job_request))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::actor_status))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::result_block))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::file_wanted))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::file_part))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::log_block))
  CAF_ADD_TYPE_ID(hearth_types, (hearth::job_progress))
  CAF_ADD_TYPE_ID(hearth_types, (std::vector<std::string>))
  CAF_ADD_TYPE_ID(hearth_types, (std::vector<hearth::context_record>))
  CAF_ADD_TYPE_ID(hearth_types, (std::vector<hearth::job_record>))
  CAF_ADD_TYPE_ID(hearth_types, (std::vector<hearth::actor_status>))

  CAF_ADD_ATOM(hearth_types, hearth::atom, ok, "ok")
  CAF_ADD_ATOM(hearth_types, hearth::atom, put, "put")
  CAF_ADD_ATOM(hearth_types, hearth::atom, insert, "insert")
  CAF_ADD_ATOM(hearth_types, hearth::atom, update, "update")
  CAF_ADD_ATOM(hearth_types, hearth::atom, erase, "erase")
  CAF_ADD_ATOM(hearth_types, hearth::atom, get, "get")
  CAF_ADD_ATOM(hearth_types, hearth::atom, list, "list")
  CAF_ADD_ATOM(hearth_types, hearth::atom, config, "config")
  CAF_ADD_ATOM(hearth_types, hearth::atom, create, "create")
  CAF_ADD_ATOM(hearth_types, hearth::atom, stop, "stop")
  CAF_ADD_ATOM(hearth_types, hearth::atom, restart, "restart")
  CAF_ADD_ATOM(hearth_types, hearth::atom, recover, "recover")
  CAF_ADD_ATOM(hearth_types, hearth::atom, detach, "detach")
  CAF_ADD_ATOM(hearth_types, hearth::atom, idle, "idle")
  CAF_ADD_ATOM(hearth_types, hearth::atom, lifetime, "lifetime")
  CAF_ADD_ATOM(hearth_types, hearth::atom, reset, "reset")
  CAF_ADD_ATOM(hearth_types, hearth::atom, run, "run")
  CAF_ADD_ATOM(hearth_types, hearth::atom, kill, "kill")
  CAF_ADD_ATOM(hearth_types, hearth::atom, resolve, "resolve")
  CAF_ADD_ATOM(hearth_types, hearth::atom, release, "release")
  CAF_ADD_ATOM(hearth_types, hearth::atom, fetched, "fetched")
  CAF_ADD_ATOM(hearth_types, hearth::atom, abort, "abort")
  CAF_ADD_ATOM(hearth_types, hearth::atom, await, "await")
  CAF_ADD_ATOM(hearth_types, hearth::atom, start, "start")
  CAF_ADD_ATOM(hearth_types, hearth::atom, expire, "expire")
  CAF_ADD_ATOM(hearth_types, hearth::atom, tick, "tick")
  CAF_ADD_ATOM(hearth_types, hearth::atom, dequeue, "dequeue")
  CAF_ADD_ATOM(hearth_types, hearth::atom, forget_key, "forget_key")
  CAF_ADD_ATOM(hearth_types, hearth::atom, forget, "forget")
  CAF_ADD_ATOM(hearth_types, hearth::atom, by_name, "by_name")
  CAF_ADD_ATOM(hearth_types, hearth::atom, by_id, "by_id")
  CAF_ADD_ATOM(hearth_types, hearth::atom, history, "history")
  CAF_ADD_ATOM(hearth_types, hearth::atom, commit, "commit")
  CAF_ADD_ATOM(hearth_types, hearth::atom, reconnect, "reconnect")
  CAF_ADD_ATOM(hearth_types, hearth::atom, erase_all, "erase_all")
  CAF_ADD_ATOM(hearth_types, hearth::atom, end_stored, "end_stored")
  CAF_ADD_ATOM(hearth_types, hearth::atom, ready, "ready")
  CAF_ADD_ATOM(hearth_types, hearth::atom, maintain, "maintain")
  CAF_ADD_ATOM(hearth_types, hearth::atom, begin, "begin")
  CAF_ADD_ATOM(hearth_types, hearth::atom, begin_anew, "begin_anew")
  CAF_ADD_ATOM(hearth_types, hearth::atom, left, "left")
  CAF_ADD_ATOM(hearth_types, hearth::atom, has_slot, "has_slot")
  CAF_ADD_ATOM(hearth_types, hearth::atom, wait, "wait")
  CAF_ADD_ATOM(hearth_types, hearth::atom, retry_end, "retry_end")
  CAF_ADD_ATOM(hearth_types, hearth::atom, max_wait, "max_wait")
  CAF_ADD_ATOM(hearth_types, hearth::atom, job_done, "job_done")
  CAF_ADD_ATOM(hearth_types, hearth::atom, disowned, "disowned")
  CAF_ADD_ATOM(hearth_types, hearth::atom, init, "init")
  CAF_ADD_ATOM(hearth_types, hearth::atom, step, "step")
  CAF_ADD_ATOM(hearth_types, hearth::atom, redial, "redial")
  CAF_ADD_ATOM(hearth_types, hearth::atom, last_words, "last_words")
  CAF_ADD_ATOM(hearth_types, hearth::atom, readers, "readers")
  CAF_ADD_ATOM(hearth_types, hearth::atom, look, "look")
  CAF_ADD_ATOM(hearth_types, hearth::atom, pause, "pause")
  CAF_ADD_ATOM(hearth_types, hearth::atom, arrival, "arrival")
  CAF_ADD_ATOM(hearth_types, hearth::atom, start_all, "start_all")
  CAF_ADD_ATOM(hearth_types, hearth::atom, stop_all, "stop_all")
  CAF_ADD_ATOM(hearth_types, hearth::atom, status, "status")

CAF_END_TYPE_ID_BLOCK(hearth_types)

// These hold pointers or whole files: they never leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::binary_upload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::listed_binaries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::data_upload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::resolve_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::resolved_binaries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::launch_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::agent_hello)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::agent_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::agent_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::process_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::transfer_outcome)
