package early

import com.typesafe.config.Config
import org.apache.spark.streaming.StreamingContext
import org.scalactic.{Every, Good, Or}
import spark.jobserver.SparkStreamingJob
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

class InStream extends SparkStreamingJob {
  type JobData = Long
  type JobOutput = Double

  override def runJob(ssc: StreamingContext, runtime: JobEnvironment, data: Long): Double =
    ssc.sparkContext.range(0, data).sum()

  override def validate(
      ssc: StreamingContext,
      runtime: JobEnvironment,
      config: Config
  ): Long Or Every[ValidationProblem] = Good(config.getLong("n"))
}
