package spark.jobserver.context

import com.typesafe.config.Config
import org.apache.spark.{SparkConf, SparkContext}
import org.apache.spark.hearth.JobSparkContext
import org.apache.spark.sql.SparkSession
import spark.jobserver.{ContextLike, SparkSessionJob}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.{BaseJavaJob, JSessionJob}

/** A session as a context. */
case class SparkSessionContextLikeWrapper(spark: SparkSession) extends ContextLike {
  override def sparkContext: SparkContext = spark.sparkContext

  override def stop(): Unit = spark.stop()
}

private object SessionContexts {
  private val HiveEnabled = "spark.session.hive.enabled"

  def make(sparkConf: SparkConf, config: Config): SparkSessionContextLikeWrapper = {
    val builder = SparkSession.builder()
    if (config.hasPath(HiveEnabled) && config.getBoolean(HiveEnabled)) {
      // Fails where the distribution lacks Hive.
      builder.enableHiveSupport()
      sparkConf.set("spark.sql.catalogImplementation", "hive")
    }
    // The builder takes the context that is there.
    new JobSparkContext(sparkConf)
    SparkSessionContextLikeWrapper(builder.config(sparkConf).getOrCreate())
  }
}

/**
 * Makes a `SparkSession` for [[spark.jobserver.SparkSessionJob]]s, with Hive if `spark.session.hive.enabled` is true.
 */
class SessionContextFactory extends ScalaContextFactory {
  type C = SparkSessionContextLikeWrapper

  override def isValidJob(job: SparkJobBase): Boolean = job.isInstanceOf[SparkSessionJob]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    SessionContexts.make(sparkConf, config)
}

/** Makes a `SparkSession` for jobs in Java, [[spark.jobserver.japi.JSessionJob]]s. */
class JavaSessionContextFactory extends JavaContextFactory {
  type C = SparkSessionContextLikeWrapper

  override def isValidJob(job: BaseJavaJob[_, _]): Boolean = job.isInstanceOf[JSessionJob[_]]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    SessionContexts.make(sparkConf, config)
}
