package spark.jobserver.util

import com.typesafe.config.Config
import org.slf4j.{Logger, LoggerFactory}

/** Says which cluster contexts are made on. */
trait SparkMasterProvider {

  /** @param config the server's part of a context's configuration */
  def getSparkMaster(config: Config): String
}

object SparkMasterProvider {
  val logger: Logger = LoggerFactory.getLogger(getClass)

  /** The setting with the name of a Scala object that is to be asked. */
  val SparkMasterProperty = "spark.master-provider"

  /**
   * Returns the object that the setting names, or [[DefaultSparkMasterProvider]] without the setting.
   *
   * @throws java.lang.ClassNotFoundException when there is no such object
   * @throws java.lang.ClassCastException     when the object is no [[SparkMasterProvider]]
   */
  def fromConfig(config: Config): SparkMasterProvider =
    if (!config.hasPath(SparkMasterProperty)) DefaultSparkMasterProvider
    else {
      val name = config.getString(SparkMasterProperty)
      logger.info(s"$name says which master contexts have")
      val loader = Option(Thread.currentThread.getContextClassLoader).getOrElse(getClass.getClassLoader)
      Class.forName(name.stripSuffix("$") + "$", true, loader).getField("MODULE$").get(null) match {
        case provider: SparkMasterProvider => provider
        case other => throw new ClassCastException(s"${other.getClass} is no ${classOf[SparkMasterProvider].getName}")
      }
    }
}

/** Says what `spark.master` says. */
object DefaultSparkMasterProvider extends SparkMasterProvider {
  override def getSparkMaster(config: Config): String = config.getString("spark.master")
}
