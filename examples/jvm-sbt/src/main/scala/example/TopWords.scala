package example

import com.typesafe.config.Config
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.functions.{col, desc}
import org.scalactic.{Bad, Every, Good, One, Or}
import spark.jobserver.SparkSessionJob
import spark.jobserver.api.{JobEnvironment, SingleProblem, ValidationProblem}

/** The words of the key `text` that are there most often, with how often; for a session context. */
object TopWords extends SparkSessionJob {
  case class Wanted(text: String, count: Int)

  type JobData = Wanted
  type JobOutput = Map[String, Long]

  def validate(spark: SparkSession, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem] =
    if (!config.hasPath("text")) Bad(One(SingleProblem("text is missing")))
    else Good(Wanted(config.getString("text"), if (config.hasPath("count")) config.getInt("count") else 3))

  def runJob(spark: SparkSession, runtime: JobEnvironment, wanted: JobData): JobOutput = {
    import spark.implicits._
    val words = wanted.text.split(" ").toSeq.toDF("word")
    val counted = words.groupBy("word").count().orderBy(desc("count"), col("word")).limit(wanted.count)
    counted.as[(String, Long)].collect().toMap
  }
}
