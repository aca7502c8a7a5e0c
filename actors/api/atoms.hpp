/// The verbs and nouns of messages between actors. This page says what each of
/// them means; the type-ID block in fwd.hpp defines them.
///
/// An atom has one meaning, wherever it is sent.
///
/// | atom | means |
/// | --- | --- |
/// | ok | done; there is nothing more to say |
/// | put, insert, update, erase, erase_all, get, list | what a store does |
/// | by_id, by_name | `get` and `history` look for an id, or for a name |
/// | history | the states that a job or a context has had |
/// | config | a job's configuration |
/// | dequeue | a job does not wait for a slot any more |
/// | forget | remove records that are too old |
/// | forget_key | give an Idempotency-Key back |
/// | commit | write the collected batch, or the rest of a result |
/// | reconnect | connect to the database again |
/// | create, start, stop, restart, reset | what is done to contexts |
/// | start_all, stop_all | start or stop all contexts, as the server does |
/// | recover | take a context over from an earlier server |
/// | detach | leave all contexts to the next server |
/// | ready | a context takes jobs |
/// | idle, lifetime | limits of a context's process |
/// | run, kill, await | what is done to jobs |
/// | has_slot | a queued job may run |
/// | max_wait | a queued job has waited for too long |
/// | job_done | a job has ended, and its end is stored |
/// | disowned | the actor of a job's context died |
/// | end_stored | the end of a job is stored |
/// | retry_end | try again to store the end of a job or a context |
/// | abort | a job's context ends, so the job ends, too |
/// | wait | the time for which the client of a job waits |
/// | left | the client that read a result while it arrived has disconnected |
/// | begin | the result of a job begins |
/// | begin_anew | an agent sends a result again, from its first byte |
/// | resolve, release | take binaries into use; give them back |
/// | fetched | a request to another server has ended |
/// | maintain | look after archives and spare processes |
/// | look | check a context's process and its condition, or whether a binary is
/// stored | | init | a context's start takes too long | | step | the next step
/// of a context's end is due | | redial | a context's agent has been away for
/// too long | | pause | the pause before a context's next process is over | |
/// arrival | a job has waited too long for its context to come back | |
/// last_words | a process ended, and its last frames should have arrived | |
/// readers | clients have waited long enough to see a context's end | | expire
/// | a timer has run out; the next atom says which | | tick | a period is over
/// | | status | asks an actor for its line of `hearth actors` |
#pragma once

#include "actors/api/fwd.hpp"
