package spark.jobserver

import scala.util.Try

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.scalactic.{Bad, Every, Good, One, Or}
import spark.jobserver.api.{JobEnvironment, SingleProblem, ValidationProblem}

/** Counts the words of `input.string`; the old API. */
object WordCountExample extends SparkJob {

  override def validate(sc: SparkContext, config: Config): SparkJobValidation =
    if (config.hasPath("input.string")) SparkJobValid else SparkJobInvalid("No input.string config param")

  override def runJob(sc: SparkContext, config: Config): Any =
    sc.parallelize(config.getString("input.string").split(" ").toSeq).countByValue()
}

/** The same in the new API: validation hands on the words. */
object WordCountExampleNewApi extends api.SparkJob {
  type JobData = Seq[String]
  type JobOutput = collection.Map[String, Long]

  override def validate(
      sc: SparkContext,
      runtime: JobEnvironment,
      config: Config
  ): JobData Or Every[ValidationProblem] =
    Try(config.getString("input.string").split(" ").toSeq)
      .fold(_ => Bad(One(SingleProblem("No input.string param"))), Good(_))

  override def runJob(sc: SparkContext, runtime: JobEnvironment, data: JobData): JobOutput =
    sc.parallelize(data).countByValue()
}
