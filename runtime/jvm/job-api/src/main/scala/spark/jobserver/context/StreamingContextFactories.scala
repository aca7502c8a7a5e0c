package spark.jobserver.context

import com.typesafe.config.Config
import org.apache.spark.SparkConf
import org.apache.spark.hearth.JobSparkContext
import org.apache.spark.streaming.{Milliseconds, StreamingContext}
import spark.jobserver.{ContextLike, SparkStreamingJob}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.{BaseJavaJob, JStreamingJob}

private object StreamingContexts {

  def make(sparkConf: SparkConf, config: Config): StreamingContext with ContextLike = {
    def setting(name: String) = {
      val path = s"streaming.$name"
      if (config.hasPath(path)) Some(config.getString(path)) else None
    }
    val interval = Milliseconds(setting("batch_interval").fold(1000L)(_.toLong))
    val gracefully = setting("stopGracefully").fold(true)(_.toBoolean)
    val withSpark = setting("stopSparkContext").fold(true)(_.toBoolean)
    new StreamingContext(new JobSparkContext(sparkConf), interval) with ContextLike {
      override def stop(): Unit = stop(stopSparkContext = withSpark, stopGracefully = gracefully)
    }
  }
}

/**
 * Makes a `StreamingContext` for [[spark.jobserver.SparkStreamingJob]]s. Its settings are `streaming.batch_interval`
 * (in milliseconds, 1000), `streaming.stopGracefully` (true: received data is processed before the end) and
 * `streaming.stopSparkContext` (true).
 */
class StreamingContextFactory extends ScalaContextFactory {
  type C = StreamingContext with ContextLike

  override def isValidJob(job: SparkJobBase): Boolean = job.isInstanceOf[SparkStreamingJob]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    StreamingContexts.make(sparkConf, config)
}

/** Makes a context of the same kind for jobs in Java, [[spark.jobserver.japi.JStreamingJob]]s. */
class JavaStreamingContextFactory extends JavaContextFactory {
  type C = StreamingContext with ContextLike

  override def isValidJob(job: BaseJavaJob[_, _]): Boolean = job.isInstanceOf[JStreamingJob[_]]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    StreamingContexts.make(sparkConf, config)
}
