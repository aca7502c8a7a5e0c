/*
 * What Hearth's empty job is compared with: a gearman worker whose function
 * returns at once.
 *
 *   bench_gearman_worker PORT
 */
#include <libgearman/gearman.h>
#include <stdio.h>
#include <stdlib.h>

static gearman_return_t nothing(gearman_job_st* job, void* context) {
  (void)job;
  (void)context;
  return GEARMAN_SUCCESS;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: bench_gearman_worker PORT\n");
    return 2;
  }
  gearman_worker_st* worker = gearman_worker_create(NULL);
  gearman_function_t function = gearman_function_create(nothing);
  if (worker == NULL
      || gearman_failed(gearman_worker_add_server(worker, "127.0.0.1",
                                                  (in_port_t)atoi(argv[1])))
      || gearman_failed(gearman_worker_define_function(worker, "nothing", 7,
                                                       function, 0, NULL))) {
    fprintf(stderr, "bench_gearman_worker: %s\n",
            worker ? gearman_worker_error(worker) : "no memory");
    return 1;
  }
  for (;;)
    if (gearman_failed(gearman_worker_work(worker)))
      return 1;
}
