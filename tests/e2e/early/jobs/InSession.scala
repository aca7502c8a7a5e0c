package early

import com.typesafe.config.Config
import org.apache.spark.sql.SparkSession
import org.scalactic.{Every, Good, Or}
import spark.jobserver.SparkSessionJob
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

class InSession extends SparkSessionJob {
  type JobData = Config
  type JobOutput = Long

  override def runJob(spark: SparkSession, runtime: JobEnvironment, data: Config): Long =
    spark.range(data.getLong("n")).count()

  override def validate(
      spark: SparkSession,
      runtime: JobEnvironment,
      config: Config
  ): Config Or Every[ValidationProblem] = Good(config)
}
