package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.sql.SparkSession
import org.apache.spark.streaming.StreamingContext
import org.scalactic.{Every, Or}

/** What version 0.1 of Hearth's job API had otherwise than the present one, in its shape and without its code. */
package api {
  trait ValidationProblem
  trait JobEnvironment
  trait SparkJobBase {
    type C
    type JobData
    type JobOutput
    def runJob(sc: C, runtime: JobEnvironment, data: JobData): JobOutput
    def validate(sc: C, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem]
  }
}

trait SparkSessionJob extends api.SparkJobBase {
  type C = SparkSession
}

trait SparkStreamingJob extends api.SparkJobBase {
  type C = StreamingContext
}
