package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.sql.SparkSession
import org.scalactic.{Every, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}
import spark.jobserver.context.SparkSessionContextLikeWrapper

/**
 * A job in a `SparkSession`, for contexts of the session factory. A job has the two methods that take a session; those
 * that take the context of the factory hand its session on to them.
 */
trait SparkSessionJob extends api.SparkJobBase {
  type C = SparkSessionContextLikeWrapper

  /** Does the work; see [[api.SparkJobBase.runJob]]. */
  def runJob(sparkSession: SparkSession, runtime: JobEnvironment, data: JobData): JobOutput

  /** Checks the configuration; see [[api.SparkJobBase.validate]]. */
  def validate(
      sparkSession: SparkSession,
      runtime: JobEnvironment,
      config: Config
  ): JobData Or Every[ValidationProblem]

  override def runJob(sc: SparkSessionContextLikeWrapper, runtime: JobEnvironment, data: JobData): JobOutput =
    runJob(sc.spark, runtime, data)

  override def validate(
      sc: SparkSessionContextLikeWrapper,
      runtime: JobEnvironment,
      config: Config
  ): JobData Or Every[ValidationProblem] = validate(sc.spark, runtime, config)
}
