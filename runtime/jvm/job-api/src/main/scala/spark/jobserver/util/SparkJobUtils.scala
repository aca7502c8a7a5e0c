package spark.jobserver.util

import java.util.concurrent.TimeUnit

import com.typesafe.config.Config
import org.apache.spark.SparkConf
import spark.jobserver.context.{FlatSettings, SparkContextFactory}

/**
 * What factories of contexts need beside Spark. `config` is what the agent gives to `makeContext`, the server's part;
 * `contextConfig` has the settings of the context. A value of the wrong type counts as one that is not there.
 */
object SparkJobUtils {

  /** Stands between the name of a user and that of a context. */
  val NameContextDelimiter = "~"

  /** The setting with the user for whom a context works. */
  val SPARK_PROXY_USER_PARAM = "spark.proxy.user"

  /** What the names of a user's contexts begin with. A delimiter in the user's own name is doubled. */
  def userNamePrefix(userName: String): String =
    userName.replace(NameContextDelimiter, NameContextDelimiter * 2) + NameContextDelimiter

  /**
   * The names without the user's prefix, and only those that have it. If `filter` is false, all names as they are.
   *
   * @param userName is looked at only if `filter` is true
   */
  def removeProxyUserPrefix(userName: => String, contextNames: Seq[String], filter: Boolean): Seq[String] =
    if (!filter) contextNames
    else {
      val prefix = userNamePrefix(userName)
      contextNames.collect {
        // With one more delimiter it is a context of another user, whose name begins with this one's.
        case name if isOwn(name, prefix) => name.substring(prefix.length)
      }
    }

  private def isOwn(name: String, prefix: String): Boolean =
    name.startsWith(prefix) && name.length > prefix.length && !name.startsWith(NameContextDelimiter, prefix.length)

  /**
   * Returns the `SparkConf` of a context: all that the server asks for, with what a factory has changed in the settings
   * of the context. The settings that count are those whose names begin with `spark.`, those of `passthrough` without
   * that word, those of `hadoop`, `num-cpu-cores` and `memory-per-node`. What the server asks for wins over them, and they
   * over what is usual.
   */
  def configToSparkConf(config: Config, contextConfig: Config, contextName: String): SparkConf = {
    val conf = SparkContextFactory.sparkConf(config, contextConfig, contextName)
    val settings = FlatSettings.forSpark(FlatSettings.of(withoutWrongTypes(contextConfig)))
    settings.foreach { case (key, value) => conf.setIfMissing(key, value) }
    if (!conf.contains("spark.master")) conf.setMaster(SparkMasterProvider.fromConfig(config).getSparkMaster(config))
    text(config, "spark.home").foreach(conf.setIfMissing("spark.home", _))
    conf.setIfMissing("spark.ui.port", "0")
  }

  private def withoutWrongTypes(contextConfig: Config): Config =
    Seq(
      "num-cpu-cores" -> int(contextConfig, "num-cpu-cores"),
      "memory-per-node" -> text(contextConfig, "memory-per-node"),
      "mem-per-node" -> text(contextConfig, "mem-per-node")
    ).collect { case (name, None) => name }.foldLeft(contextConfig)(_.withoutPath(_))

  /**
   * Returns the settings of `hadoop` in a context's settings. A factory may set them on its context's Hadoop
   * configuration; the server's part has them already, as `spark.hadoop.` settings.
   */
  def getHadoopConfig(config: Config): Map[String, String] = below(config, "hadoop")

  /** How many jobs may run in a context at the same time: as many as there are processors, if nothing is said. */
  def getMaxRunningJobs(config: Config): Int =
    int(config, "spark.jobserver.max-jobs-per-context").getOrElse(Runtime.getRuntime.availableProcessors)

  /** How many seconds the start of a context may take: 40 on YARN and 15 elsewhere, if nothing is said. */
  def getContextCreationTimeout(config: Config): Int = contextTimeout(config, "context-creation-timeout")

  /** How many seconds the end of a context may take: 40 on YARN and 15 elsewhere, if nothing is said. */
  def getContextDeletionTimeout(config: Config): Int = contextTimeout(config, "context-deletion-timeout")

  /**
   * How many seconds the start of a context's process may take.
   *
   * @throws com.typesafe.config.ConfigException when the setting is missing
   */
  def getForkedJVMInitTimeout(config: Config): Long =
    config.getDuration("spark.context-settings.forked-jvm-init-timeout", TimeUnit.SECONDS)

  private def contextTimeout(config: Config, name: String): Int = {
    val (key, usual) = config.getString("spark.master") match {
      case "yarn" => (s"spark.jobserver.yarn-$name", 40)
      case _ => (s"spark.jobserver.$name", 15)
    }
    if (config.hasPath(key)) (config.getDuration(key, TimeUnit.MILLISECONDS) / 1000).toInt else usual
  }

  private def int(config: Config, path: String): Option[Int] = value(config, path)(config.getInt(path))

  private def text(config: Config, path: String): Option[String] = value(config, path)(config.getString(path))

  private def value[T](config: Config, path: String)(read: => T): Option[T] =
    if (!config.hasPath(path)) None
    else
      try Some(read)
      catch { case _: com.typesafe.config.ConfigException.WrongType => None }

  private def below(config: Config, path: String): Map[String, String] =
    value(config, path)(config.getConfig(path)).fold(Map.empty[String, String])(FlatSettings.of)
}
