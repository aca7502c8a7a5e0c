package spark.jobserver.context

import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.{BaseJavaJob, JavaJob}

/** A job that was found to fit its context. */
trait JobContainer {

  /** The job in the form in which the agent runs it. */
  def getSparkJob: SparkJobBase
}

/** A Scala job. */
case class ScalaJobContainer(job: SparkJobBase) extends JobContainer {
  override def getSparkJob: SparkJobBase = job
}

/** A Java job. */
case class JavaJobContainer(job: BaseJavaJob[_, _]) extends JobContainer {
  override def getSparkJob: SparkJobBase = JavaJob(job)
}

/** Why a job cannot be run. */
sealed trait LoadingError

/** None of the job's binaries has the main class. */
case object JobClassNotFound extends LoadingError

/** It is a job, but for another kind of context. */
case object JobWrongType extends LoadingError

/** It is not a job of this language, or making an instance has failed. */
case class JobLoadError(t: Throwable) extends LoadingError
