package spark.jobserver.context

import scala.runtime.AbstractFunction1

import spark.jobserver.api.SparkJobBase

/** A job that was found to fit its context. */
trait JobContainer {

  /** The job in the form in which the agent runs it. */
  def getSparkJob: SparkJobBase
}

/** A Scala job, or a Java job as a Scala job. */
case class ScalaJobContainer(job: SparkJobBase) extends JobContainer {
  override def getSparkJob: SparkJobBase = job
}

/** Why a job cannot be run. */
sealed trait LoadingError

/** None of the job's binaries has the main class. */
case object JobClassNotFound extends LoadingError

/** It is a job, but for another kind of context. */
case object JobWrongType extends LoadingError

/** It is not a job of this language, or making an instance has failed. */
case class JobLoadError(t: Throwable) extends LoadingError {

  // What factories that were compiled for Spark Job Server call: there the reason is an Exception.
  def this(ex: Exception) = this(ex: Throwable)

  /** The reason; an error of the JVM is the cause of an exception. */
  def ex: Exception = t match {
    case exception: Exception => exception
    case error => new Exception(error)
  }

  def copy(ex: Exception = ex): JobLoadError = JobLoadError(ex)
}

object JobLoadError extends AbstractFunction1[Exception, JobLoadError] {
  override def apply(ex: Exception): JobLoadError = new JobLoadError(ex: Throwable)
  override def toString: String = "JobLoadError"
}
