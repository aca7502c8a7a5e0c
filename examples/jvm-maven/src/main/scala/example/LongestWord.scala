package example

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.scalactic.{Bad, Every, Good, One, Or}
import spark.jobserver.api.{JobEnvironment, SingleProblem, SparkJob, ValidationProblem}

/** The longest word of the key `text`. */
object LongestWord extends SparkJob {
  type JobData = Seq[String]
  type JobOutput = String

  // Checks the configuration before the client is answered: quick, and no Spark.
  def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem] =
    if (config.hasPath("text")) Good(config.getString("text").split(" ").toSeq)
    else Bad(One(SingleProblem("text is missing")))

  def runJob(sc: SparkContext, runtime: JobEnvironment, words: JobData): JobOutput =
    sc.parallelize(words).reduce((a, b) => if (a.length >= b.length) a else b)
}
