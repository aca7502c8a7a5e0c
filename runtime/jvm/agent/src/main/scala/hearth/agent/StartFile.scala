package hearth.agent

import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path, Paths}
import java.util.{Map => JavaMap}

import com.fasterxml.jackson.databind.JsonNode
import com.typesafe.config.{Config, ConfigFactory, ConfigObject, ConfigUtil, ConfigValue, ConfigValueFactory}
import spark.jobserver.context.SparkContextFactory

/**
 * The start file, in which the server tells a new process which context it runs and how.
 *
 * @param folder the context's folder, which has the file
 * @param pythonAgent the program of the Python side, for contexts whose jobs are written in Python
 */
final case class StartFile(
    contextId: String,
    contextName: String,
    token: String,
    endpointFile: Path,
    endpointSocket: String,
    contextFactory: String,
    settings: Map[String, ConfigValue],
    sparkConf: Map[String, String],
    hadoopConf: Map[String, String],
    jars: Seq[String],
    orphanTimeoutMs: Long,
    heartbeatMs: Long,
    folder: Path,
    pythonAgent: String = ""
) {

  /** Whether its jobs are written in Python. */
  def isPython: Boolean = PythonSide.Factories.contains(contextFactory)

  /** The interpreter of its jobs. */
  def python: String =
    settings.get("python.executable").map(_.unwrapped.toString).filter(_.nonEmpty).getOrElse("python3")
}

object StartFile {

  def read(path: Path): StartFile = {
    val bytes = Files.readAllBytes(path)
    val json = Frames.parse(bytes)
    StartFile(
      json.path("contextId").asText,
      json.path("contextName").asText,
      json.path("token").asText,
      Paths.get(json.path("endpointFile").asText),
      json.path("endpointSocket").asText(""),
      json.path("contextFactory").asText(""),
      Settings.in(new String(bytes, UTF_8)),
      strings(json.path("sparkConf")),
      strings(json.path("hadoopConf")),
      elements(json.path("jars")).map(_.asText),
      json.path("orphanTimeoutMs").asLong(60000),
      json.path("heartbeatMs").asLong(5000),
      path.toAbsolutePath.getParent,
      json.path("pythonAgent").asText("")
    )
  }

  /** The elements of an array; none for any other value. */
  def elements(array: JsonNode): Seq[JsonNode] = {
    val found = Vector.newBuilder[JsonNode]
    array.elements.forEachRemaining(element => { found += element; () })
    found.result()
  }

  private def strings(node: JsonNode): Map[String, String] = {
    val found = Map.newBuilder[String, String]
    node.fieldNames.forEachRemaining(name => { found += name -> node.get(name).asText; () })
    found.result()
  }
}

object Settings {

  /**
   * The settings in a start file, each with its type: a text is a text even if it looks like a list, and numbers keep
   * their digits.
   */
  def in(startFile: String): Map[String, ConfigValue] = {
    val found = Map.newBuilder[String, ConfigValue]
    // Not with the syntax of JSON, for which Typesafe Config refuses integers of more digits than a Long has.
    ConfigFactory.parseString(startFile).root.get("settings") match {
      case settings: ConfigObject => settings.forEach((key, value) => { found += key -> value; () })
      case _ =>
    }
    found.result()
  }

  /**
   * The flat settings as a nested configuration. If one key is the beginning of another one (`spark.speculation`,
   * `spark.speculation.interval`), a tree can have only the longer one at its place; the shorter one is at the root,
   * with its quoted name.
   */
  def nested(flat: Map[String, ConfigValue]): Config = {
    val keys = flat.keys.toSeq.sorted
    val hidden = keys.filter(key => keys.exists(_.startsWith(key + "."))).toSet
    val tree = keys.filterNot(hidden).foldLeft(ConfigFactory.empty()) { (config, key) =>
      config.withValue(path(key), flat(key))
    }
    hidden.foldLeft(tree)((config, key) => config.root.withValue(key, flat(key)).toConfig)
  }

  /**
   * The configuration from which a context factory makes a SparkConf, whatever dots its keys have. It has the master as
   * a setting, too, where factories look for it.
   *
   * @param sent the settings of the context, before the factory changes them
   */
  def forFactory(sparkConf: JavaMap[String, String], sent: Config): Config = {
    val whole = ConfigFactory
      .empty()
      .withValue(SparkContextFactory.SparkConfKey, ConfigValueFactory.fromMap(sparkConf))
      .withValue(SparkContextFactory.SettingsKey, sent.root)
    val master = Option(sparkConf.get("spark.master")).orElse(sys.props.get("spark.master"))
    master.fold(whole)(name => whole.withValue("spark.master", ConfigValueFactory.fromAnyRef(name)))
  }

  /** A key may have signs that a path has only in quotes. */
  private def path(key: String): String = ConfigUtil.joinPath(key.split("\\.", -1): _*)
}
