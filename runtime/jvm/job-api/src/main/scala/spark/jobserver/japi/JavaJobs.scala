package spark.jobserver.japi

import scala.reflect.ClassTag

import com.typesafe.config.Config
import org.apache.spark.api.java.JavaSparkContext
import org.apache.spark.sql.SparkSession
import org.apache.spark.streaming.StreamingContext
import org.scalactic.{Bad, Every, Good, One, Or}
import spark.jobserver.api.{JobEnvironment, SparkJobBase, ValidationProblem}
import spark.jobserver.context.SparkSessionContextLikeWrapper

/**
 * A job written in Java.
 *
 * @tparam R the type of its result
 * @tparam C the type of the context that it works in
 */
trait BaseJavaJob[R, C] {

  /** Does the work; see [[spark.jobserver.api.SparkJobBase.runJob]]. */
  def run(sc: C, runtime: JobEnvironment, data: Config): R

  /**
   * Checks the configuration. An exception becomes the error of the job.
   *
   * @return the configuration for `run`
   */
  def verify(sc: C, runtime: JobEnvironment, config: Config): Config
}

/** A Java job in a `JavaSparkContext`. */
trait JSparkJob[R] extends BaseJavaJob[R, JavaSparkContext]

/**
 * A Java job in a `SparkSession`. A job has the two methods that take a session; those that take the context of the
 * factory hand its session on to them.
 */
abstract class JSessionJob[R] extends BaseJavaJob[R, SparkSessionContextLikeWrapper] {

  /** Does the work; see [[BaseJavaJob.run]]. */
  def run(sparkSession: SparkSession, runtime: JobEnvironment, data: Config): R

  /** Checks the configuration; see [[BaseJavaJob.verify]]. */
  def verify(sparkSession: SparkSession, runtime: JobEnvironment, config: Config): Config

  override def run(sc: SparkSessionContextLikeWrapper, runtime: JobEnvironment, data: Config): R =
    run(sc.spark, runtime, data)

  override def verify(sc: SparkSessionContextLikeWrapper, runtime: JobEnvironment, config: Config): Config =
    verify(sc.spark, runtime, config)
}

/** A Java job in a `StreamingContext`. */
trait JStreamingJob[R] extends BaseJavaJob[R, StreamingContext]

/** A Java job's refusal of its configuration. */
case class JavaValidationException(reason: String, t: Throwable) extends Exception(reason, t) with ValidationProblem

/** A Java job in the form in which the agent runs it. */
case class JavaJob[R: ClassTag, X: ClassTag](job: BaseJavaJob[R, X]) extends SparkJobBase {
  type C = X
  type JobData = Config
  type JobOutput = R

  override def runJob(sc: X, runtime: JobEnvironment, data: Config): R = job.run(sc, runtime, data)

  override def validate(sc: X, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    // Any, for a job compiled against erased types may return a Throwable, and that is a refusal.
    (job.verify(sc, runtime, config): Any) match {
      case problem: JavaValidationException => Bad(One(problem))
      case t: Throwable => Bad(One(JavaValidationException(t.getMessage, t)))
      case verified => Good(verified.asInstanceOf[Config])
    }
}
