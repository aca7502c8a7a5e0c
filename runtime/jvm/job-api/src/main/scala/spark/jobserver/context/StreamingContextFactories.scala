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
 * A `StreamingContext`, for [[spark.jobserver.SparkStreamingJob]]s. Its settings: `streaming.batch_interval`
 * (milliseconds, 1000), `streaming.stopGracefully` (true: received data is worked off first),
 * `streaming.stopSparkContext` (true).
 */
class StreamingContextFactory extends ScalaContextFactory {
  type C = StreamingContext with ContextLike

  override def isValidJob(job: SparkJobBase): Boolean = job.isInstanceOf[SparkStreamingJob]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    StreamingContexts.make(sparkConf, config)
}

/** The same for Java, for [[spark.jobserver.japi.JStreamingJob]]s. */
class JavaStreamingContextFactory extends JavaContextFactory {
  type C = StreamingContext with ContextLike

  override def isValidJob(job: BaseJavaJob[_, _]): Boolean = job.isInstanceOf[JStreamingJob[_]]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    StreamingContexts.make(sparkConf, config)
}
