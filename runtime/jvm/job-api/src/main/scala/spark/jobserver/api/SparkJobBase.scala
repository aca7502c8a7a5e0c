package spark.jobserver.api

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.scalactic.{Every, Or}

/** Why a job refuses its configuration. Its `toString` is what the client is told. */
trait ValidationProblem

/** A problem that is one sentence for the client. */
case class SingleProblem(problem: String) extends ValidationProblem

/** A job: something that looks at its configuration first and then works in a context. */
trait SparkJobBase {

  /** The context that the job works in, for example a `SparkContext`. */
  type C

  /** What `validate` hands to `runJob`: a job that parses its configuration does so once. */
  type JobData

  /** What the job returns. It becomes JSON: numbers, strings, maps, sequences, case classes as lists, all nested. */
  type JobOutput

  /**
   * Does the work, on a thread of its own and under the Spark job group of the job's id. Whatever it throws becomes
   * the job's error.
   */
  def runJob(sc: C, runtime: JobEnvironment, data: JobData): JobOutput

  /**
   * Looks at the configuration before the client of an asynchronous job is answered, so it should be quick.
   *
   * @return `Good(data)`, or `Bad(problems)`, which refuses the job: the client gets status 400
   */
  def validate(sc: C, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem]
}

/** A job in a `SparkContext`. */
trait SparkJob extends SparkJobBase {
  type C = SparkContext
}

/** The new methods with the types of the old API: any result, and the configuration as the data. */
trait OldSparkJob extends SparkJobBase {
  type C = SparkContext
  type JobOutput = Any
  type JobData = Config
}
