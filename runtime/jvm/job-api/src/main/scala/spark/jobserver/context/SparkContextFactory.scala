package spark.jobserver.context

import scala.util.control.NonFatal

import com.typesafe.config.Config
import org.apache.spark.SparkConf
import org.scalactic.{Bad, Good, Or}
import spark.jobserver.{ContextLike, JobCache}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.BaseJavaJob

/**
 * Makes the context of a driver process and decides which jobs run in it. The setting `context-factory` names one: of
 * those here or a class in a jar of the context, with a constructor without parameters.
 */
trait SparkContextFactory {

  /** The context that it makes. */
  type C <: ContextLike

  /** How it holds a job. */
  type J <: JobContainer

  /**
   * Loads a job's main class and checks that it fits this kind of context.
   *
   * @param classPath paths of the job's binaries
   */
  def loadAndValidateJob(classPath: Seq[String], mainClass: String, jobCache: JobCache): J Or LoadingError

  /**
   * Makes the context. What it throws is the reason that the client of the context is told.
   *
   * @param sparkConf the whole configuration for Spark, Hadoop's settings under `spark.hadoop.` included
   * @param config    the settings of the context
   */
  def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C

  /**
   * Makes the context; the agent calls this one.
   *
   * @param config        the server's part: what [[SparkContextFactory.sparkConf]] makes a `SparkConf` of
   * @param contextConfig the settings of the context
   */
  def makeContext(config: Config, contextConfig: Config, contextName: String): C =
    makeContext(SparkContextFactory.sparkConf(config, contextName), contextConfig, contextName)

  /** Lets a factory change the settings of its context before it is made. */
  def updateConfig(contextConfig: Config): Config = contextConfig

  /** Whether jobs are Python's. */
  def runsPython: Boolean = false
}

object SparkContextFactory {

  /** Key of an object whose entries, names of Spark's settings with all their dots, go into the `SparkConf`. */
  val SparkConfKey = "hearth.spark-conf"

  /** The `SparkConf` that the server asks for. */
  def sparkConf(config: Config, contextName: String): SparkConf = {
    val conf = new SparkConf().setAppName(contextName)
    if (config.hasPath(SparkConfKey)) {
      config.getObject(SparkConfKey).unwrapped.forEach((key, value) => { conf.set(key, value.toString); () })
    }
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

/** A factory whose jobs are Scala's. */
trait ScalaContextFactory extends SparkContextFactory {
  type J = ScalaJobContainer

  /** Whether the job is one for this kind of context. */
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

/** A factory whose jobs are Java's. */
trait JavaContextFactory extends SparkContextFactory {
  type J = JavaJobContainer

  /** Whether the job is one for this kind of context. */
  def isValidJob(job: BaseJavaJob[_, _]): Boolean

  override def loadAndValidateJob(
      classPath: Seq[String],
      mainClass: String,
      jobCache: JobCache
  ): JavaJobContainer Or LoadingError =
    SparkContextFactory
      .load[BaseJavaJob[_, _]](jobCache.getJavaJob(classPath, mainClass).constructor(), isValidJob)
      .map(JavaJobContainer(_))
}
