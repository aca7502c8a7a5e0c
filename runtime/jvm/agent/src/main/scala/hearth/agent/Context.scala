package hearth.agent

import java.io.File
import java.net.{URL, URLClassLoader}

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.hearth.{VersionPlugin, VersionRules}
import org.apache.spark.sql.SparkSession
import spark.jobserver.{api, ContextLike}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.context.{SparkContextFactory, SparkSessionContextLikeWrapper}

/** The Spark context of this process in the form that its factory gave it. */
final class Context(
    val factory: SparkContextFactory,
    val settings: Config,
    made: ContextLike,
    val loader: ClassLoader
) {
  val sparkContext: SparkContext = made.sparkContext

  private val session: Option[SparkSession] = made match {
    case wrapper: SparkSessionContextLikeWrapper => Some(wrapper.spark)
    case _ => None
  }

  /** What a job of this kind is given to work in. */
  def forJob(job: SparkJobBase): Any = job match {
    case _: api.SparkJob | _: api.OldSparkJob | _: spark.jobserver.SparkJob =>
      made match {
        case itself: SparkContext => itself
        case _ => sparkContext
      }
    case _ => made
  }

  /** Makes the session the one of the calling thread, for jobs that ask Spark for it. */
  def enter(): Unit = session.foreach(SparkSession.setActiveSession)

  def leave(): Unit = session.foreach(_ => SparkSession.clearActiveSession())

  def stop(): Unit = {
    made.stop()
    // A streaming context may have been told to leave it.
    sparkContext.stop()
  }
}

object Context {

  /** Settings without which versions cannot live side by side. */
  private val Ours = Seq("spark.jars", "spark.plugins", "spark.sql.extensions")

  val DefaultFactory = "spark.jobserver.context.DefaultSparkContextFactory"

  /**
   * Makes the context that the start file asks for. Everything that goes wrong is thrown: it is what the client that
   * wanted the context will read.
   */
  def make(start: StartFile): Context = {
    val loader = new URLClassLoader(
      javaJars(start).map(new File(_).toURI.toURL).toArray[URL],
      Thread.currentThread.getContextClassLoader
    )
    // Spark's own threads inherit it, listeners and the like that the settings name are found through it, and in a local
    // master it is the parent of the class loader of tasks.
    Thread.currentThread.setContextClassLoader(loader)
    val name =
      if (start.contextFactory.isEmpty) DefaultFactory
      else PythonSide.Factories.getOrElse(start.contextFactory, start.contextFactory)
    val factory = Class.forName(name, true, loader).getDeclaredConstructor().newInstance() match {
      case factory: SparkContextFactory => factory
      case other => throw new ClassCastException(s"${other.getClass} is no ${classOf[SparkContextFactory].getName}")
    }
    val sent = Settings.nested(start.settings)
    val settings = factory.updateConfig(sent)
    val conf = sparkConf(start)
    // For factories that make a SparkConf of their own, which begins with the properties of the process.
    Context.Ours.foreach(key => System.setProperty(key, conf.get(key)))
    val server = Settings.forFactory(conf, sent)
    new Context(factory, settings, factory.makeContext(server, settings, start.contextName), loader)
  }

  /** Wheels and eggs are for the Python side. */
  private def javaJars(start: StartFile): Seq[String] =
    if (start.isPython) start.jars.filter(_.endsWith(".jar")) else start.jars

  private[agent] def sparkConf(start: StartFile): java.util.Map[String, String] = {
    val conf = new java.util.TreeMap[String, String]
    start.hadoopConf.foreach { case (key, value) => conf.put(s"spark.hadoop.$key", value) }
    start.sparkConf.foreach { case (key, value) => conf.put(key, value) }
    def setting(key: String) = Option(conf.get(key)).orElse(sys.props.get(key)).filter(_.nonEmpty)
    def append(key: String, values: Seq[String]) =
      conf.put(key, (setting(key).toSeq.flatMap(_.split(',')) ++ values).distinct.mkString(","))
    def default(key: String, value: String) = if (setting(key).isEmpty) conf.put(key, value)
    // Under spark-submit the agent's own is there already, in one of the ways of writing a file's URI.
    val agentJar = Binaries.agentJar
    val submitted = setting("spark.jars").exists(_.split(',').exists(_.endsWith("/" + agentJar.getName)))
    append("spark.jars", (if (submitted) Nil else Seq(agentJar.getPath)) ++ javaJars(start))
    append("spark.plugins", Seq(classOf[VersionPlugin].getName))
    append("spark.sql.extensions", Seq(classOf[VersionRules].getName))
    // Some fifteen lines a job otherwise, and a tenth of a small job's time.
    if (!isLoggingConfigured) default("spark.log.level", "WARN")
    if (ClassLoader.getSystemResource("hive-site.xml") == null) {
      // Wherever this process was started: what Spark SQL and Hive keep in files is the context's.
      default("spark.sql.warehouse.dir", start.folder.resolve("spark-warehouse").toUri.toString)
      default(
        "spark.hadoop.javax.jdo.option.ConnectionURL",
        s"jdbc:derby:;databaseName=${start.folder.resolve("metastore_db")};create=true"
      )
    }
    // As PySpark 4 does: else UDFs do not find what jobs add to the SparkContext, but only what they add to a session.
    if (start.isPython) default("spark.sql.artifact.isolation.enabled", "false")
    if (setting("spark.master").forall(_.startsWith("local"))) {
      // In a local master tasks run in this process, which Spark would end for a task's StackOverflowError.
      default("spark.executor.killOnFatalError.depth", "0")
      // Each stage is broadcast, and Spark clears a whole block for it, 4 MiB, however small it is. That takes a twentieth
      // of a small job's time; blocks of that size are for executors that fetch them over a network.
      default("spark.broadcast.blockSize", "256k")
    }
    conf
  }

  /** Whether who runs this has a log4j2.properties in Spark's conf folder, or names one. */
  private def isLoggingConfigured: Boolean =
    ClassLoader.getSystemResource("log4j2.properties") != null ||
      Seq("log4j2.configurationFile", "log4j.configurationFile").exists(sys.props.contains)
}
