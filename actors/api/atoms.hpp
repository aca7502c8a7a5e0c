/// The verbs and nouns of messages between actors; the type-ID block in fwd.hpp
/// defines them, this page says what they mean.
///
/// Each has one meaning, wherever it is sent.
///
/// | atom | means |
/// | --- | --- |
/// | ok | done; there is nothing more to say |
/// | put, insert, update, erase, erase_all, get, list | as of a store |
/// | by_id, by_name | by what `get` and `history` find something |
/// | history | the states that a job or a context has had |
/// | config | a job's configuration |
/// | dequeue | a job waits for no slot any more |
/// | forget, forget_key | remove what is too old; give an Idempotency-Key back
/// | | commit | write what was collected | | reconnect | reach the database
/// again | | create, start, stop, restart, reset | as of contexts | |
/// start_all, stop_all | all contexts, at the server's start and end | |
/// recover, detach | take contexts over from, leave them to, another server |
/// | ready | a context takes jobs |
/// | idle, lifetime | limits of a context's process |
/// | run, kill, await | as of jobs |
/// | has_slot, max_wait | a queued job may run; it has waited for too long |
/// | job_done | a job has ended, its slot is free |
/// | end_stored | the end of a job is stored, or could not be |
/// | retry_end | store an end that could not be stored before |
/// | abort | a job's context is gone, and so is the job |
/// | wait | how long the client of a job waits |
/// | left | the client that read a result as it came is gone |
/// | begin, begin_anew | of a result, at its first byte |
/// | resolve, release | binaries: take them into use, let them go |
/// | fetched | a request to another server has ended |
/// | maintain | look after archives and spare processes |
/// | look | is the context's process still there, and what does it do? |
/// | init, step, redial, pause, arrival, last_words, readers | what a timer of
/// a context is for: its start, the next step of its end, the return of its
/// agent, the pause before a restart, a job that came during it, the last
/// frames of a process that ended, clients that asked for it while it ended |
/// | expire | a timer; the atom behind it says which |
/// | tick | a period is over |
/// | status | what is this actor, and how is it? |
#pragma once

#include "actors/api/fwd.hpp"
