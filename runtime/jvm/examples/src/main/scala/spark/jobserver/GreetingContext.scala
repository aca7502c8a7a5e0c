package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.{SparkConf, SparkContext}
import org.scalactic.{Every, Good, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}
import spark.jobserver.context.ScalaContextFactory

/** An example of a custom context: Spark, and whatever the jobs in it share. */
class GreetingContext(val sparkContext: SparkContext, val greeting: String) extends ContextLike {
  override def stop(): Unit = sparkContext.stop()
}

/** A job in a [[GreetingContext]]. */
trait GreetingJob extends api.SparkJobBase {
  type C = GreetingContext
}

/**
 * Makes [[GreetingContext]]s from the context's setting `greeting`. The setting `dependent-jar-uris` makes its jar one
 * of the context's.
 */
class GreetingContextFactory extends ScalaContextFactory {
  type C = GreetingContext

  override def isValidJob(job: api.SparkJobBase): Boolean = job.isInstanceOf[GreetingJob]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    new GreetingContext(new SparkContext(sparkConf), config.getString("greeting"))
}

/** Greets as many times as there are numbers in an RDD. */
class GreetJob extends GreetingJob {
  type JobData = Config
  type JobOutput = Seq[String]

  override def validate(
      context: GreetingContext,
      runtime: JobEnvironment,
      config: Config
  ): Config Or Every[ValidationProblem] = Good(config)

  override def runJob(context: GreetingContext, runtime: JobEnvironment, config: Config): Seq[String] = {
    val greeting = context.greeting
    context.sparkContext.parallelize(1 to 2).map(number => s"$greeting $number").collect().toSeq
  }
}

/** Makes plain contexts with Spark's own class, as any driver would. Tests compare the agent's contexts with these. */
class PlainContextFactory extends spark.jobserver.context.DefaultSparkContextFactory {
  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    new SparkContext(sparkConf) with ContextLike {
      override def sparkContext: SparkContext = this
    }
}
