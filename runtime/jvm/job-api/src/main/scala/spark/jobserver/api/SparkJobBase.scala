package spark.jobserver.api

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.scalactic.{Every, Or}

/** Why a job refuses its configuration. The client gets its `toString`. */
trait ValidationProblem

/** A problem that is one sentence for the client. */
case class SingleProblem(problem: String) extends ValidationProblem

/** A job: it first checks its configuration, and then works in a context. */
trait SparkJobBase {

  /** The context that the job works in, for example a `SparkContext`. */
  type C

  /** The type that `validate` passes to `runJob`, so that a job has to parse its configuration only once. */
  type JobData

  /** The type of the result. It becomes JSON: numbers, strings, maps, sequences, case classes as lists, all nested. */
  type JobOutput

  /**
   * Does the work, on a thread of its own and in the Spark job group with the job's id. An exception becomes the error
   * of the job.
   */
  def runJob(sc: C, runtime: JobEnvironment, data: JobData): JobOutput

  /**
   * Checks the configuration. The client of an asynchronous job is answered only afterwards, so it should be quick.
   *
   * @return `Good(data)`, or `Bad(problems)` to refuse the job; the client then gets status 400
   */
  def validate(sc: C, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem]
}

/** A job in a `SparkContext`. */
trait SparkJob extends SparkJobBase {
  type C = SparkContext
}

/** The methods of the new API with the types of the old one: any result, and the configuration as the data. */
trait OldSparkJob extends SparkJobBase {
  type C = SparkContext
  type JobOutput = Any
  type JobData = Config
}
