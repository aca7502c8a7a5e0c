package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.sql.{DataFrame, SparkSession}
import org.scalactic.{Every, Good, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

/**
 * Reads what a job of any other jar left as `shared`, without knowing its classes: an RDD, a view, a function, or a named
 * frame (`shared_frame`), as `what` says. The result is what it found, without repetitions.
 */
class ReadSharedJob extends SparkSessionJob {
  type JobData = Config
  type JobOutput = Seq[String]

  override def validate(s: SparkSession, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    Good(config)

  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Seq[String] =
    config.getString("what") match {
      case "rdd" =>
        val shared = runtime.namedObjects.get[NamedRDD[Any]]("shared").get.rdd
        require(shared.count() > 0)
        shared.collect()
        // With code of this job's own behind that of the other.
        shared.map(it => s"$it").distinct().collect().toSeq.sorted
      case "view" => versions(spark.table("shared"))
      case "function" => versions(spark.sql("select shared(id) as version from range(4)"))
      case "frame" => versions(runtime.namedObjects.get[NamedDataFrame]("shared_frame").get.df)
    }

  private def versions(shared: DataFrame): Seq[String] = {
    require(shared.count() > 0)
    shared.join(shared.limit(1), Seq("version")).select("version").distinct().collect().map(_.get(0).toString).toSeq
  }
}
