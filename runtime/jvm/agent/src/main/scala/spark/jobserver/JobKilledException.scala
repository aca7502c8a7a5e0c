package spark.jobserver

/** How a job that was killed ended. */
class JobKilledException(jobId: String) extends RuntimeException(s"Job $jobId killed")
