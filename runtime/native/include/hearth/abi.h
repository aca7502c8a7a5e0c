/*
 * The C boundary between Hearth's native agent and a job library. Job authors
 * include hearth/job.hpp, which is C++ on top of this; a binding for another
 * language starts here.
 *
 * A job library exports one symbol, `hearth_job_library`. The agent loads a
 * library only if its `abi_major` is the agent's own and its `abi_minor` is not
 * newer. Only what this file declares crosses the boundary, and never an
 * exception. Texts are UTF-8, are not terminated, and belong to the side that
 * passes them. They are valid during the call; texts that a run returns are
 * valid during the run.
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

/* One execution of a job. The agent owns it. */
typedef struct hearth_run hearth_run;

/* A reference to a named object. The agent owns it; a job that got one has to
   release it. */
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
  HEARTH_OBJECT_FOUND = 0,  /* `*object` has a value */
  HEARTH_OBJECT_CREATE = 1, /* the caller has to publish or abandon it */
  HEARTH_OBJECT_MISSING = 2,
  HEARTH_OBJECT_TIMEOUT = 3, /* another job still creates it */
  HEARTH_OBJECT_STOPPED = 4, /* the job was killed while it waited */
  HEARTH_OBJECT_ISOLATED = 5 /* no other job would ever see it */
};

enum hearth_object_flags {
  HEARTH_OBJECT_OF_LIBRARY = 0, /* only jobs of this library version see it */
  HEARTH_OBJECT_OF_CONTEXT = 1, /* all jobs with the same type key see it */
  HEARTH_OBJECT_ONLY_GET = 2    /* do not wait, do not create */
};

/*
 * The functions of the agent. Any thread may call them while the run lasts,
 * except where a comment says otherwise.
 */
typedef struct hearth_host {
  uint32_t abi_major;
  uint32_t abi_minor;

  /* -- what the run is ---------------------------------------------------- */
  hearth_text (*job_id)(hearth_run*);
  hearth_text (*context_name)(hearth_run*);
  /* The job's configuration, a JSON object. */
  hearth_text (*config)(hearth_run*);
  /* A setting of the context by its dotted path; `data` is null if not set. */
  hearth_text (*setting)(hearth_run*, hearth_text path);

  /* -- how it goes: called by the thread that runs the job ---------------- */
  /* Validation has passed, and the job runs. */
  void (*started)(hearth_run*);
  /* Validation has failed. `started` must not have been called. */
  void (*refuse)(hearth_run*, const hearth_failure*);
  /* The job has failed. The result that it has written is dropped. */
  void (*fail)(hearth_run*, const hearth_failure*);

  /* -- its result: JSON, written in place, by one thread ------------------- */
  /*
   * Returns memory for at least `least` bytes (up to 4096); `*room` receives
   * how many it is. Memory that was reserved before and not committed is void.
   * Waits while the server has no room for a large result. Returns null if the
   * result is over the limit or the job was killed; the job then has to end.
   */
  char* (*reserve)(hearth_run*, size_t least, size_t* room);
  /* Makes the first `size` bytes that were reserved last part of the result. */
  void (*commit)(hearth_run*, size_t size);

  /* -- its surroundings ---------------------------------------------------- */
  /* Not 0 once the job has to stop. Read it atomically. */
  const uint32_t* (*stop_flag)(hearth_run*);
  /* Waits until the job has to stop, for at most that time. Returns not 0 if it
     has to stop. */
  int (*wait_stop)(hearth_run*, int64_t milliseconds);
  /* Reports progress. It is cheap: the agent sends only a few a second. */
  void (*progress)(hearth_run*, int64_t done, int64_t total, hearth_text);
  void (*log)(hearth_run*, int level, hearth_text);

  /* -- the context's thread pool ------------------------------------------- */
  uint32_t (*pool_size)(hearth_run*);
  /* Runs `work(argument)` once on a thread of the pool. It must not throw. */
  void (*submit)(hearth_run*, void (*work)(void*), void* argument);

  /* -- named objects --------------------------------------------------------
   */
  /* Finds an object. If several jobs ask at once, one of them has to create the
     object, and the others wait. */
  int (*object_acquire)(hearth_run*, hearth_text name, hearth_text type,
                        uint32_t flags, int64_t timeout_ms,
                        hearth_object** object);
  /* Sets the value of a created object. `destroy` is called when the object was
     forgotten and all references are released. */
  void (*object_publish)(hearth_object*, void* value, void (*destroy)(void*));
  /* The object could not be created. The next waiting job has to create it.
     Releases the reference. */
  void (*object_abandon)(hearth_object*);
  void* (*object_value)(hearth_object*);
  void (*object_release)(hearth_object*);
  /* Makes the name free again. Jobs that hold the object keep it. Returns 0 if
     there is no such object. */
  int (*object_forget)(hearth_run*, hearth_text name, hearth_text type,
                       uint32_t flags);
} hearth_host;

typedef struct hearth_job {
  hearth_text name;
  /* Validates and runs the job on the calling thread, and reports its end. */
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
