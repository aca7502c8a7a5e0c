package hearth.agent

import java.nio.file.{Files, Path, Paths}
import java.util.{Map => JavaMap}

import com.fasterxml.jackson.databind.JsonNode
import com.typesafe.config.{Config, ConfigFactory, ConfigValue, ConfigValueFactory}

/**
 * What the server tells the process that it starts.
 *
 * @param folder the context's own, in which the file lies
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

  /** The elements of an array; none of anything else. */
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
   * The flat settings as a nested configuration. Of two keys of which one is the beginning of the other
   * (`spark.speculation`, `spark.speculation.interval`) a tree can hold the longer one only; the shorter one stands
   * at the root under its quoted name.
   */
  def nested(flat: Map[String, String]): Config = {
    val keys = flat.keys.toSeq.sorted
    val hidden = keys.filter(key => keys.exists(_.startsWith(key + "."))).toSet
    val tree = keys.filterNot(hidden).foldLeft(ConfigFactory.empty()) { (config, key) =>
      config.withValue(key, value(flat(key)))
    }
    hidden.foldLeft(tree)((config, key) => config.root.withValue(key, value(flat(key))).toConfig)
  }

  /** The configuration out of which a context factory makes a SparkConf, whatever dots are in its keys. */
  def forFactory(sparkConf: JavaMap[String, String]): Config =
    ConfigFactory
      .empty()
      .withValue(
        spark.jobserver.context.SparkContextFactory.SparkConfKey,
        ConfigValueFactory.fromMap(sparkConf)
      )

  private def value(text: String): ConfigValue =
    if (text.startsWith("[") || text.startsWith("{")) ConfigFactory.parseString(s"v = $text").getValue("v")
    else ConfigValueFactory.fromAnyRef(text)
}
