package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.api.java.JavaSparkContext
import org.scalactic.{Every, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

/**
 * The old API for Java: extend it and override `runJob`. It runs in a context of the default factory.
 * [[japi.JSparkJob]] is the new API.
 */
// Not abstract: below an abstract class javac looks for methods that Scala implements only as bridges, which it ignores.
class JavaSparkJob extends SparkJob {

  /**
   * Does the work; see [[api.SparkJobBase.runJob]].
   *
   * @throws java.lang.UnsupportedOperationException unless it is overridden
   */
  def runJob(sc: JavaSparkContext, jobConfig: Config): Any =
    throw new UnsupportedOperationException(s"$getClass does not override runJob(JavaSparkContext, Config)")

  /** @return what is wrong with the configuration, or null if nothing is */
  def invalidate(sc: JavaSparkContext, config: Config): String = null

  override def runJob(sc: SparkContext, jobConfig: Config): Any = runJob(new JavaSparkContext(sc), jobConfig)

  override def validate(sc: SparkContext, config: Config): SparkJobValidation =
    Option(invalidate(new JavaSparkContext(sc), config)).fold[SparkJobValidation](SparkJobValid)(SparkJobInvalid(_))

  override def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): JavaSparkJob.Validation =
    super.validate(sc, runtime, config).asInstanceOf[JavaSparkJob.Validation]
}

private[jobserver] object JavaSparkJob {

  /**
   * To javac a bare `Or`. With its arguments it would not let a Java class extend [[JavaSparkJob]]: `Or` of `Config` cannot
   * override `Or` of `Object`, which is what it takes an abstract type for.
   */
  type Validation <: Config Or Every[ValidationProblem]
}
