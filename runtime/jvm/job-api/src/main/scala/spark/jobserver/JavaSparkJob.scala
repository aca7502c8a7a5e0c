package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.api.java.JavaSparkContext
import org.scalactic.{Every, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

/**
 * A job of the old API for Java. Extend it and override `runJob`. It runs in a context of the default factory.
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

  /** @return the problem of the configuration, or null if there is none */
  def invalidate(sc: JavaSparkContext, config: Config): String = null

  override def runJob(sc: SparkContext, jobConfig: Config): Any = runJob(new JavaSparkContext(sc), jobConfig)

  override def validate(sc: SparkContext, config: Config): SparkJobValidation =
    Option(invalidate(new JavaSparkContext(sc), config)).fold[SparkJobValidation](SparkJobValid)(SparkJobInvalid(_))

  override def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): JavaSparkJob.Validation =
    super.validate(sc, runtime, config).asInstanceOf[JavaSparkJob.Validation]
}

private[jobserver] object JavaSparkJob {

  /**
   * For javac this is `Or` without type arguments. With them, javac would not let a Java class extend [[JavaSparkJob]],
   * because it takes the abstract type for `Object`, and `Or` of `Config` cannot override `Or` of `Object`.
   */
  type Validation <: Config Or Every[ValidationProblem]
}
