package hearth.agent

import java.nio.file.{Files, Path, Paths}
import java.util.{Map => JavaMap}

import com.fasterxml.jackson.databind.JsonNode
import com.typesafe.config.{Config, ConfigFactory, ConfigValue, ConfigValueFactory}

/**
 * The start file, in which the server tells a new process which context it runs and how.
 *
 * @param folder the context's folder, which has the file
 */
final case class StartFile(
    contextId: String,
    contextName: String,
    token: String,
    endpointFile: Path,
    endpointSocket: String,
    contextFactory: String,
    settings: Map[String, String],
    sparkConf: Map[String, String],
    hadoopConf: Map[String, String],
    jars: Seq[String],
    orphanTimeoutMs: Long,
    heartbeatMs: Long,
    folder: Path
)

object StartFile {

  def read(path: Path): StartFile = {
    val json = Frames.parse(Files.readAllBytes(path))
    StartFile(
      json.path("contextId").asText,
      json.path("contextName").asText,
      json.path("token").asText,
      Paths.get(json.path("endpointFile").asText),
      json.path("endpointSocket").asText(""),
      json.path("contextFactory").asText(""),
      strings(json.path("settings")),
      strings(json.path("sparkConf")),
      strings(json.path("hadoopConf")),
      elements(json.path("jars")).map(_.asText),
      json.path("orphanTimeoutMs").asLong(60000),
      json.path("heartbeatMs").asLong(5000),
      path.toAbsolutePath.getParent
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
   * The flat settings as a nested configuration. If one key is the beginning of another one (`spark.speculation`,
   * `spark.speculation.interval`), a tree can have only the longer one at its place; the shorter one is at the root,
   * with its quoted name.
   */
  def nested(flat: Map[String, String]): Config = {
    val keys = flat.keys.toSeq.sorted
    val hidden = keys.filter(key => keys.exists(_.startsWith(key + "."))).toSet
    val tree = keys.filterNot(hidden).foldLeft(ConfigFactory.empty()) { (config, key) =>
      config.withValue(key, value(flat(key)))
    }
    hidden.foldLeft(tree)((config, key) => config.root.withValue(key, value(flat(key))).toConfig)
  }

  /**
   * The configuration from which a context factory makes a SparkConf, whatever dots its keys have. It has the master as
   * a setting, too, where factories look for it.
   */
  def forFactory(sparkConf: JavaMap[String, String]): Config = {
    val whole = ConfigFactory
      .empty()
      .withValue(
        spark.jobserver.context.SparkContextFactory.SparkConfKey,
        ConfigValueFactory.fromMap(sparkConf)
      )
    val master = Option(sparkConf.get("spark.master")).orElse(sys.props.get("spark.master"))
    master.fold(whole)(name => whole.withValue("spark.master", ConfigValueFactory.fromAnyRef(name)))
  }

  private def value(text: String): ConfigValue =
    if (text.startsWith("[") || text.startsWith("{")) ConfigFactory.parseString(s"v = $text").getValue("v")
    else ConfigValueFactory.fromAnyRef(text)
}
