/// The verbs and nouns of messages between actors; the type-ID block in fwd.hpp
/// defines them, this page says what they mean.
///
/// | atom | means |
/// | --- | --- |
/// | ok | done, there is nothing more to say |
/// | put, insert, update, erase, get, list | as of a store |
/// | config | a job's configuration |
/// | create, stop, restart, reset | as of contexts |
/// | recover, detach | contexts from, and for, another life of the server |
/// | idle, lifetime | limits of a context's process |
/// | run, kill, await | as of jobs |
/// | resolve, release | binaries: take them into use, let them go |
/// | attach | a link to an agent is handed over |
/// | abort | a job's context is gone, so is the job |
/// | start, flush, expire, tick | actors' messages to themselves |
/// | status | what is this actor, how is it |
#pragma once

#include "actors/fwd.hpp"
