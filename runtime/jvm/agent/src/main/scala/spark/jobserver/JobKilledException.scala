package spark.jobserver

/** The error of a job that was killed. */
class JobKilledException(jobId: String) extends RuntimeException(s"Job $jobId killed")
