package hearth.agent

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.sql.SparkSession
import org.scalactic.{Every, Good, Or}
import spark.jobserver.SparkSessionJob
import spark.jobserver.api.{JobEnvironment, SparkJob, ValidationProblem}

class SomeSessionJob extends SparkSessionJob {
  type JobData = Config
  type JobOutput = Any
  override def validate(s: SparkSession, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    Good(config)
  override def runJob(s: SparkSession, runtime: JobEnvironment, data: Config): Any = 1
}

class AskingJob extends SparkJob {
  type JobData = String
  type JobOutput = Seq[String]
  override def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): String Or Every[ValidationProblem] =
    Good(runtime.jobId)
  override def runJob(sc: SparkContext, runtime: JobEnvironment, id: String): Seq[String] =
    Seq(id, runtime.contextConfig.getString("setting.of"))
}
