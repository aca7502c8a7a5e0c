/*
 * The C boundary between Hearth's native agent and a job library. Job authors
 * include hearth/job.hpp, which is C++ on top of this; a binding for another
 * language starts here.
 *
 * A job library exports one symbol, `hearth_job_library`. The agent loads a
 * library only if its `abi_major` is the agent's own and its `abi_minor` is not
 * newer. Nothing but what this file declares crosses the boundary, and no
 * exception ever does. Texts are UTF-8, not terminated, and belong to whoever
 * passes them; they are valid during the call, those of a run during the run.
 */
#ifndef HEARTH_ABI_H
#define HEARTH_ABI_H

#include <stddef.h>
#include <stdint.h>

#define HEARTH_ABI_MAJOR 1
#define HEARTH_ABI_MINOR 0

/* The symbol that a job library exports: const hearth_library* (*)(void). */
#define HEARTH_ENTRY hearth_job_library
#define HEARTH_ENTRY_NAME "hearth_job_library"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hearth_text {
  const char* data;
  size_t size;
} hearth_text;

/* One execution of a job; the agent's. */
typedef struct hearth_run hearth_run;

/* A reference to a named object; the agent's. Whoever got one releases it. */
typedef struct hearth_object hearth_object;

/* An exception, as text. `stack` may be empty. */
typedef struct hearth_failure {
  hearth_text message;
  hearth_text error_class;
  hearth_text stack;
} hearth_failure;

enum hearth_level {
  HEARTH_DEBUG = 0,
  HEARTH_INFO = 1,
  HEARTH_WARN = 2,
  HEARTH_ERROR = 3
};

enum hearth_object_answer {
  HEARTH_OBJECT_FOUND = 0,  /* `*object` holds a value */
  HEARTH_OBJECT_CREATE = 1, /* the caller has to publish or abandon it */
  HEARTH_OBJECT_MISSING = 2,
  HEARTH_OBJECT_TIMEOUT = 3, /* another job still creates it */
  HEARTH_OBJECT_STOPPED = 4, /* the job was killed while it waited */
  HEARTH_OBJECT_ISOLATED = 5 /* no other job would ever see it */
};

enum hearth_object_flags {
  HEARTH_OBJECT_OF_LIBRARY = 0, /* seen by jobs of this library version only */
  HEARTH_OBJECT_OF_CONTEXT = 1, /* seen by all that use the same type key */
  HEARTH_OBJECT_ONLY_GET = 2    /* do not wait, do not create */
};

/*
 * What the agent offers. Each function may be called from any thread while the
 * run lasts, except where it says otherwise.
 */
typedef struct hearth_host {
  uint32_t abi_major;
  uint32_t abi_minor;

  /* -- what the run is ---------------------------------------------------- */
  hearth_text (*job_id)(hearth_run*);
  hearth_text (*context_name)(hearth_run*);
  /* The job's configuration, a JSON object. */
  hearth_text (*config)(hearth_run*);
  /* A setting of the context by its dotted path; data is null if not set. */
  hearth_text (*setting)(hearth_run*, hearth_text path);

  /* -- how it goes: called by the thread that runs the job ---------------- */
  /* Validation passed, the job runs. */
  void (*started)(hearth_run*);
  /* Validation said no; the job must not have started. */
  void (*refuse)(hearth_run*, const hearth_failure*);
  /* It failed; what it wrote of a result is dropped. */
  void (*fail)(hearth_run*, const hearth_failure*);

  /* -- its result: JSON, written in place, by one thread ------------------- */
  /*
   * Room for at least `least` bytes (up to 4096), `*room` of them in fact.
   * What was reserved before and not committed is void. Waits while the server
   * has no room for a large result. Null if the result is over the limit or
   * the job was killed: it then has to end.
   */
  char* (*reserve)(hearth_run*, size_t least, size_t* room);
  /* The first `size` of the bytes last reserved are part of the result. */
  void (*commit)(hearth_run*, size_t size);

  /* -- its surroundings ---------------------------------------------------- */
  /* Becomes other than 0 once the job is to stop; to be read atomically. */
  const uint32_t* (*stop_flag)(hearth_run*);
  /* Waits that long, or until the job is to stop: then other than 0. */
  int (*wait_stop)(hearth_run*, int64_t milliseconds);
  /* Cheap: the agent passes on a few of these a second. */
  void (*progress)(hearth_run*, int64_t done, int64_t total, hearth_text);
  void (*log)(hearth_run*, int level, hearth_text);

  /* -- the context's thread pool ------------------------------------------- */
  uint32_t (*pool_size)(hearth_run*);
  /* Runs `work(argument)` once on a thread of the pool. It must not throw. */
  void (*submit)(hearth_run*, void (*work)(void*), void* argument);

  /* -- named objects -------------------------------------------------------- */
  /* One of several that ask at once is told to create it, the others wait. */
  int (*object_acquire)(hearth_run*, hearth_text name, hearth_text type,
                        uint32_t flags, int64_t timeout_ms,
                        hearth_object** object);
  /* `destroy` is called once nobody refers to it and it was forgotten. */
  void (*object_publish)(hearth_object*, void* value, void (*destroy)(void*));
  /* It could not be created: the next of those who wait is told to. Releases. */
  void (*object_abandon)(hearth_object*);
  void* (*object_value)(hearth_object*);
  void (*object_release)(hearth_object*);
  /* The name is free again; who holds the object keeps it. 0 if not there. */
  int (*object_forget)(hearth_run*, hearth_text name, hearth_text type,
                       uint32_t flags);
} hearth_host;

typedef struct hearth_job {
  hearth_text name;
  /* Validates and runs it on the calling thread, and says how that went. */
  void (*perform)(const hearth_host*, hearth_run*);
} hearth_job;

typedef struct hearth_library {
  uint32_t abi_major; /* these two are first in every version */
  uint32_t abi_minor;
  hearth_text compiler; /* for people */
  const hearth_job* jobs;
  size_t job_count;
} hearth_library;

typedef const hearth_library* (*hearth_entry)(void);

#ifdef __cplusplus
}
#endif
#endif
