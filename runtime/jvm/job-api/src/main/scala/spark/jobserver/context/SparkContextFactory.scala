package spark.jobserver.context

import scala.util.control.NonFatal

import com.typesafe.config.Config
import org.apache.spark.SparkConf
import org.scalactic.{Bad, Good, Or}
import org.slf4j.{Logger, LoggerFactory}
import spark.jobserver.{ContextLike, JobCache}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.{BaseJavaJob, JavaJob}

/**
 * Makes the context of a driver process and decides which jobs run in it. The setting `context-factory` names the
 * factory: one of this package, or a class in a jar of the context that has a constructor without parameters.
 */
trait SparkContextFactory {

  /** The type of the context that it makes. */
  type C <: ContextLike

  /** The type in which it passes a job to the agent. */
  type J <: JobContainer

  /**
   * Loads a job's main class and checks that it fits this kind of context.
   *
   * @param classPath paths of the job's binaries
   */
  def loadAndValidateJob(classPath: Seq[String], mainClass: String, jobCache: JobCache): J Or LoadingError

  /**
   * Makes the context. If it throws, the client of the context gets the exception's text.
   *
   * @param sparkConf the whole configuration for Spark, including Hadoop's settings under `spark.hadoop.`
   * @param config    the settings of the context
   */
  def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C

  /**
   * Makes the context. The agent calls this method.
   *
   * @param config        the server's part, from which [[SparkContextFactory.sparkConf]] makes a `SparkConf`
   * @param contextConfig the settings of the context. What the factory has changed in them reaches the `SparkConf`, too.
   */
  def makeContext(config: Config, contextConfig: Config, contextName: String): C =
    makeContext(SparkContextFactory.sparkConf(config, contextConfig, contextName), contextConfig, contextName)

  /**
   * Lets a factory change the settings of its context before it is made. Jobs see what it returns, and Spark has the
   * `spark.*` settings of it, except those that the driver's JVM needed at its start.
   */
  def updateConfig(contextConfig: Config): Config = contextConfig

  /** Whether jobs are written in Python. */
  def runsPython: Boolean = false
}

object SparkContextFactory {

  /** The key of an object whose entries go into the `SparkConf`. Their keys are names of settings, with all dots. */
  val SparkConfKey = "hearth.spark-conf"

  /** The key of the settings of the context as the server sent them. */
  val SettingsKey = "hearth.settings"

  /** Returns the `SparkConf` that the server asks for. */
  def sparkConf(config: Config, contextName: String): SparkConf = {
    val conf = new SparkConf().setAppName(contextName)
    if (config.hasPath(SparkConfKey)) {
      config.getObject(SparkConfKey).unwrapped.forEach((key, value) => { conf.set(key, value.toString); () })
    }
    conf
  }

  /**
   * Returns the `SparkConf` that the server asks for, with what a factory has changed in the settings of the context
   * since the server sent them.
   */
  def sparkConf(config: Config, contextConfig: Config, contextName: String): SparkConf = {
    val conf = sparkConf(config, contextName)
    if (config.hasPath(SettingsKey)) FlatSettings.change(conf, config.getConfig(SettingsKey), contextConfig)
    conf
  }

  private[context] def load[J](job: => J, isValid: J => Boolean): J Or LoadingError =
    try {
      val loaded = job
      if (isValid(loaded)) Good(loaded) else Bad(JobWrongType)
    } catch {
      case _: ClassNotFoundException => Bad(JobClassNotFound)
      case e: LinkageError => Bad(JobLoadError(e))
      case NonFatal(e) => Bad(JobLoadError(e))
    }
}

/** A factory for jobs written in Scala. */
trait ScalaContextFactory extends SparkContextFactory {
  type J = ScalaJobContainer

  /** For what a factory has to say. */
  val logger: Logger = LoggerFactory.getLogger(getClass)

  /** Whether the job fits this kind of context. */
  def isValidJob(job: SparkJobBase): Boolean

  override def loadAndValidateJob(
      classPath: Seq[String],
      mainClass: String,
      jobCache: JobCache
  ): ScalaJobContainer Or LoadingError =
    SparkContextFactory
      .load[SparkJobBase](jobCache.getSparkJob(classPath, mainClass).constructor(), isValidJob)
      .map(ScalaJobContainer(_))
}

/** A factory for jobs written in Java. */
trait JavaContextFactory extends SparkContextFactory {
  type J = ScalaJobContainer

  /** For what a factory has to say. */
  val logger: Logger = LoggerFactory.getLogger(getClass)

  /** Whether the job fits this kind of context. */
  def isValidJob(job: BaseJavaJob[_, _]): Boolean

  override def loadAndValidateJob(
      classPath: Seq[String],
      mainClass: String,
      jobCache: JobCache
  ): ScalaJobContainer Or LoadingError =
    SparkContextFactory
      .load[BaseJavaJob[_, _]](jobCache.getJavaJob(classPath, mainClass).job, isValidJob)
      // The types of its result and its context are known to the job alone.
      .map(job => ScalaJobContainer(JavaJob(job.asInstanceOf[BaseJavaJob[Any, Any]])))
}
