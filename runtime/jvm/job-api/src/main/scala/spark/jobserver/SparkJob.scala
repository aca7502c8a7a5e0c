package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.scalactic.{Bad, Every, Good, One, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

/** The answer of `validate` in the old API. */
sealed trait SparkJobValidation {

  /** This one if it is a refusal, otherwise the next one; so a chain gives its first problem. Both are made first. */
  def &&(sparkValidation: SparkJobValidation): SparkJobValidation = this match {
    case SparkJobValid => sparkValidation
    case invalid => invalid
  }
}

/** The configuration is accepted. */
case object SparkJobValid extends SparkJobValidation

/** The configuration is refused, for this reason. */
case class SparkJobInvalid(reason: String) extends SparkJobValidation with ValidationProblem

/** A job of the old API: any result, no data between validation and run. */
trait SparkJobBase extends api.SparkJobBase {
  type JobOutput = Any
  type JobData = Config

  /** The objects that the jobs of this context share; set before any method of the job is called. */
  @volatile var namedObjects: NamedObjects = _

  /** Does the work; see [[api.SparkJobBase.runJob]]. */
  def runJob(sc: C, jobConfig: Config): Any

  /** Checks the configuration; see [[api.SparkJobBase.validate]]. */
  def validate(sc: C, config: Config): SparkJobValidation

  override def runJob(sc: C, runtime: JobEnvironment, data: Config): Any = {
    namedObjects = runtime.namedObjects
    runJob(sc, data)
  }

  override def validate(sc: C, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] = {
    namedObjects = runtime.namedObjects
    validate(sc, config) match {
      case SparkJobValid => Good(config)
      case invalid: SparkJobInvalid => Bad(One(invalid))
    }
  }
}

/** A job of the old API in a `SparkContext`. */
trait SparkJob extends SparkJobBase {
  type C = SparkContext
}
