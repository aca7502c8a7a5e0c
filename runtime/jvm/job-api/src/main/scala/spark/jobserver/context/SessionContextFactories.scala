package spark.jobserver.context

import scala.util.control.NonFatal

import com.typesafe.config.Config
import org.apache.spark.{SparkConf, SparkContext}
import org.apache.spark.hearth.JobSparkContext
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.streaming.StreamingQuery
import org.slf4j.{Logger, LoggerFactory}
import spark.jobserver.{ContextLike, SparkSessionJob}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.{BaseJavaJob, JSessionJob}
import spark.jobserver.util.JobserverConfig

/** A session as a context. */
case class SparkSessionContextLikeWrapper(spark: SparkSession) extends ContextLike {

  /** For what the context has to say. */
  val logger: Logger = LoggerFactory.getLogger(getClass)

  override def sparkContext: SparkContext = spark.sparkContext

  /** Stops the streaming queries of the session first, which would fail in the middle of a batch otherwise. */
  override def stop(): Unit = {
    try spark.streams.active.foreach(endQuery)
    catch { case NonFatal(e) => logger.warn("The streaming queries of the session are not known", e) }
    spark.stop()
  }

  private def endQuery(query: StreamingQuery): Unit = {
    logger.info(s"Stopping the streaming query ${Option(query.name).getOrElse(query.id)}")
    try query.stop()
    catch { case NonFatal(e) => logger.warn(s"Stopping the streaming query ${query.id} failed", e) }
  }
}

private object SessionContexts {

  private def wantsHive(config: Config): Boolean =
    config.hasPath(JobserverConfig.IS_SPARK_SESSION_HIVE_ENABLED) &&
      config.getBoolean(JobserverConfig.IS_SPARK_SESSION_HIVE_ENABLED)

  /** Fails where the distribution lacks Hive. */
  def enableHive(config: Config, builder: SparkSession.Builder): Unit =
    if (wantsHive(config)) { builder.enableHiveSupport(); () }

  /** @param setUp completes the builder */
  def make(sparkConf: SparkConf, config: Config, setUp: SparkSession.Builder => Any): SparkSessionContextLikeWrapper = {
    val builder = SparkSession.builder()
    setUp(builder)
    // The builder takes the context that is there, which has to know of Hive when it begins.
    if (wantsHive(config)) sparkConf.set("spark.sql.catalogImplementation", "hive")
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
    SessionContexts.make(sparkConf, config, setupHiveSupport(config, _))

  /** Gives the builder Hive if the settings of the context ask for it, for factories that build a session themselves. */
  protected def setupHiveSupport(config: Config, builder: SparkSession.Builder): Any =
    SessionContexts.enableHive(config, builder)
}

/** Makes a `SparkSession` for jobs in Java, [[spark.jobserver.japi.JSessionJob]]s. */
class JavaSessionContextFactory extends JavaContextFactory {
  type C = SparkSessionContextLikeWrapper

  override def isValidJob(job: BaseJavaJob[_, _]): Boolean = job.isInstanceOf[JSessionJob[_]]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    SessionContexts.make(sparkConf, config, setupHiveSupport(config, _))

  /** See [[SessionContextFactory.setupHiveSupport]]. */
  protected def setupHiveSupport(config: Config, builder: SparkSession.Builder): Any =
    SessionContexts.enableHive(config, builder)
}
