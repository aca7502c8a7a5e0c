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
/// | forget, forget_key | remove what is too old; give a key back |
/// | commit | write what was collected |
/// | reconnect | reach the database again |
/// | create, start, stop, restart, reset | as of contexts |
/// | start_all, stop_all | all contexts, when the server starts or ends |
/// | recover, detach | take contexts over from, leave them to, another server |
/// | ready | a context takes jobs |
/// | idle, lifetime | limits of a context's process |
/// | run, kill, await | as of jobs |
/// | has_slot, max_wait | a queued job may run; it has waited for too long |
/// | job_done | a job has ended, and its end is stored |
/// | disowned | the actor of a job's context died |
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
/// | init | a context's start takes too long |
/// | step | the next step of a context's end is due |
/// | redial | a context's agent has been away for too long |
/// | pause | the pause before a context's next process is over |
/// | arrival | a job has waited long enough for its context to come back |
/// | last_words | a process has ended, its last frames should have come |
/// | readers | clients have waited long enough to see a context's end |
/// | expire | a timer; the atom behind it says which |
/// | tick | a period is over |
/// | status | what is this actor, and how is it? |
#pragma once

#include "actors/api/fwd.hpp"
