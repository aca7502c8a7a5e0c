package spark.jobserver.context

import com.typesafe.config.{Config, ConfigList, ConfigObject, ConfigRenderOptions, ConfigUtil, ConfigValue, ConfigValueType}
import org.apache.spark.SparkConf

/** The settings of a context by their whole names, and where they belong in a `SparkConf`. */
private[jobserver] object FlatSettings {

  /** Lists to which the agent adds what it needs, so that nothing of them may go. */
  private val Shared = Set("spark.jars", "spark.plugins", "spark.sql.extensions")

  private val Renamed = Seq(
    "num-cpu-cores" -> "spark.cores.max",
    "memory-per-node" -> "spark.executor.memory",
    "mem-per-node" -> "spark.executor.memory"
  )

  /** All settings, without the quotes that HOCON wants around unusual names. Values are texts as Spark reads them. */
  def of(config: Config): Map[String, String] = {
    val found = Map.newBuilder[String, String]
    config.entrySet.forEach { entry =>
      found += String.join(".", ConfigUtil.splitPath(entry.getKey)) -> text(entry.getValue)
      ()
    }
    found.result()
  }

  /** Does to a `SparkConf` what was done to the settings from which it was made. */
  def change(conf: SparkConf, before: Config, after: Config): Unit = {
    val (old, now) = (forSpark(of(before)), forSpark(of(after)))
    (old.keySet -- now.keySet -- Shared).foreach(key => conf.remove(key))
    now.foreach { case (key, value) => if (!old.get(key).contains(value)) conf.set(key, joined(conf, key, value)) }
  }

  private def joined(conf: SparkConf, key: String, value: String): String =
    if (!Shared(key)) value else (value.split(',') ++ conf.get(key, "").split(',')).distinct.filter(_.nonEmpty).mkString(",")

  /**
   * The settings that belong in a `SparkConf`, with the names that they have there. If two have the same name there,
   * `passthrough` wins over `spark`, and both over names that only the server has.
   */
  def forSpark(settings: Map[String, String]): Map[String, String] = {
    def below(prefix: String, newPrefix: String) = settings.collect {
      case (name, value) if name.startsWith(prefix) => newPrefix + name.stripPrefix(prefix) -> value
    }
    Renamed.flatMap { case (name, key) => settings.get(name).map(key -> _) }.toMap ++
      below("hadoop.", "spark.hadoop.") ++ below("spark.", "spark.") ++ below("passthrough.", "")
  }

  /** A list becomes `a,b`, or JSON if its items could not be told apart then. The server does the same: `flat_text`. */
  private def text(value: ConfigValue): String = value match {
    case list: ConfigList =>
      val texts = items(list).filter(isScalar).map(scalar)
      if (texts.length == list.size && !texts.exists(_.contains(','))) texts.mkString(",") else json(list)
    case other => if (isScalar(other)) scalar(other) else json(other)
  }

  /** Unlike `render`, it keeps the digits with which a number was written. */
  private def json(value: ConfigValue): String = value match {
    case list: ConfigList => items(list).map(json).mkString("[", ",", "]")
    case fields: ConfigObject =>
      val keys = fields.keySet.toArray(Array.empty[String]).sorted
      keys.map(key => s"${ConfigUtil.quoteString(key)}:${json(fields.get(key))}").mkString("{", ",", "}")
    case other if other.valueType == ConfigValueType.NUMBER => scalar(other)
    case other => other.render(ConfigRenderOptions.concise())
  }

  private def items(list: ConfigList): Array[ConfigValue] = list.toArray(Array.empty[ConfigValue])

  private def isScalar(value: ConfigValue): Boolean =
    value.valueType != ConfigValueType.LIST && value.valueType != ConfigValueType.OBJECT

  /** A number has the digits with which it was written. */
  private def scalar(value: ConfigValue): String =
    if (value.valueType == ConfigValueType.NULL) "null" else value.atKey("x").getString("x")
}
