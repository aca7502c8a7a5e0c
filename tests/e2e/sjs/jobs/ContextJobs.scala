package moved

import com.typesafe.config.Config
import org.apache.spark.{SparkConf, SparkContext}
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.streaming.StreamingQueryListener
import org.apache.spark.streaming.StreamingContext
import org.scalactic._
import spark.jobserver._
import spark.jobserver.api.{JobEnvironment, SingleProblem, ValidationProblem}
import spark.jobserver.context._
import spark.jobserver.japi.{BaseJavaJob, JSessionJob, JavaJob}
import spark.jobserver.util.{DefaultSparkMasterProvider, JobserverConfig, SparkJobUtils, SparkMasterProvider}

/** Jobs for other contexts, and contexts of one's own. */
class InSession extends SparkSessionJob {
  type JobData = String
  type JobOutput = Seq[Long]

  override def runJob(spark: SparkSession, runtime: JobEnvironment, sql: String): Seq[Long] =
    spark.sql(sql).collect().toSeq.map(_.getLong(0))

  override def validate(
      spark: SparkSession,
      runtime: JobEnvironment,
      config: Config
  ): String Or Every[ValidationProblem] =
    if (config.hasPath("sql")) Good(config.getString("sql")) else Bad(One(SingleProblem("No sql")))
}

object InStream extends SparkStreamingJob with NamedObjectSupport {
  override def validate(ssc: StreamingContext, config: Config): SparkJobValidation =
    if (config.hasPath("n")) SparkJobValid else SparkJobInvalid("No n")

  override def runJob(ssc: StreamingContext, config: Config): Any =
    Seq(ssc.sparkContext.parallelize(1 to config.getInt("n")).sum(), ssc.getState().toString)
}

class OwnContext(val sparkContext: SparkContext, val said: Map[String, Any]) extends ContextLike {
  def stop(): Unit = sparkContext.stop()
}

class InOwn extends api.SparkJobBase {
  type C = OwnContext
  type JobData = Config
  type JobOutput = Map[String, Any]

  def runJob(context: OwnContext, runtime: JobEnvironment, data: Config): Map[String, Any] =
    context.said ++ Map(
      "sum" -> context.sparkContext.parallelize(1 to 4).sum(),
      "updated" -> runtime.contextConfig.getString("passthrough.moved.updated")
    )

  def validate(context: OwnContext, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    Good(config)
}

/** Everything by itself, as far as it can: it makes the SparkConf, and loads jobs of both languages. */
class WholeFactory extends SparkContextFactory {
  type C = OwnContext
  type J = ScalaJobContainer

  def loadAndValidateJob(classPath: Seq[String], mainClass: String, jobCache: JobCache): J Or LoadingError =
    try {
      if (mainClass.endsWith("Java")) {
        val JavaJarInfo(job, name, path) = jobCache.getJavaJob(classPath, mainClass)
        require(name == mainClass && classPath.contains(path))
        Good(ScalaJobContainer(JavaJob[Any, OwnContext](job.asInstanceOf[BaseJavaJob[Any, OwnContext]])))
      } else {
        val JobJarInfo(make, name, path) = jobCache.getSparkJob(classPath, mainClass)
        require(name == mainClass && classPath.contains(path))
        require(jobCache.getPythonJob(classPath, mainClass) == PythonJobInfo(path))
        if (make().isInstanceOf[InOwn]) Good(ScalaJobContainer(make())) else Bad(JobWrongType)
      }
    } catch {
      case _: ClassNotFoundException => Bad(JobClassNotFound)
      case e: Exception => Bad(JobLoadError(e))
    }

  def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = {
    val sc = new SparkContext(sparkConf)
    for ((key, value) <- SparkJobUtils.getHadoopConfig(config)) sc.hadoopConfiguration.set(key, value)
    new OwnContext(
      sc,
      Map(
        "name" -> sc.appName,
        "hadoop" -> sc.hadoopConfiguration.get("moved.key"),
        "conf" -> sc.getConf.get("spark.moved.setting"),
        "passed" -> sc.getConf.get("moved.updated")
      )
    )
  }

  override def makeContext(config: Config, contextConfig: Config, contextName: String): C = {
    val master = SparkMasterProvider.fromConfig(config).getSparkMaster(config)
    require(master == DefaultSparkMasterProvider.getSparkMaster(config))
    require(SparkJobUtils.getMaxRunningJobs(config) > 0 && SparkJobUtils.getContextCreationTimeout(config) > 0)
    require(SparkJobUtils.getContextDeletionTimeout(config) > 0)
    val conf = SparkJobUtils.configToSparkConf(config, contextConfig, contextName)
    require(conf.get("spark.master") == master)
    makeContext(conf, contextConfig, contextName)
  }

  override def updateConfig(contextConfig: Config): Config =
    contextConfig.withValue(
      "passthrough.moved.updated",
      com.typesafe.config.ConfigValueFactory.fromAnyRef("by the factory")
    )

  override def runsPython: Boolean = false
}

/** Builds its session itself, with the parts of the factory that it extends. */
class OwnSessions extends SessionContextFactory {
  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = {
    logger.info(s"makes $contextName, which has ${JobserverConfig.IS_SPARK_SESSION_HIVE_ENABLED}")
    val builder = SparkSession.builder().config(sparkConf).appName(contextName)
    setupHiveSupport(config, builder)
    val made = SparkSessionContextLikeWrapper(builder.getOrCreate())
    made.spark.range(3).createOrReplaceTempView("three")
    made.logger.info("made")
    made
  }
}

class OwnJavaSessions extends JavaContextFactory {
  type C = SparkSessionContextLikeWrapper
  def isValidJob(job: BaseJavaJob[_, _]): Boolean = job.isInstanceOf[JSessionJob[_]]
  def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = {
    logger.info(s"makes $contextName")
    SparkSessionContextLikeWrapper(SparkSession.builder().config(sparkConf).getOrCreate())
  }
}

/** The usual context, with something added to it. */
class MorePlain extends DefaultSparkContextFactory {
  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = {
    val made = super.makeContext(sparkConf, config, contextName)
    made.setLocalProperty("moved", "yes")
    made.hadoopConfiguration.set("moved.key", "more")
    made
  }
  override def isValidJob(job: api.SparkJobBase): Boolean = super.isValidJob(job) && !job.isInstanceOf[OldJava]
}

class AskHadoop extends api.SparkJob {
  type JobData = Config
  type JobOutput = String
  def runJob(sc: SparkContext, runtime: JobEnvironment, data: Config): String = sc.hadoopConfiguration.get("moved.key")
  def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    Good(config)
}

/** Changes the settings of its context, and leaves the rest to the factory that it extends. */
class Changing extends DefaultSparkContextFactory {
  private def text(value: String) = com.typesafe.config.ConfigValueFactory.fromAnyRef(value)

  override def updateConfig(contextConfig: Config): Config =
    contextConfig
      .withValue("spark.moved.added", text("added"))
      .withValue("spark.moved.changed", text("changed"))
      .withoutPath("spark.moved.gone")

  override def makeContext(config: Config, contextConfig: Config, contextName: String): C =
    super.makeContext(config, contextConfig.withValue("passthrough.moved.late", text("late")), contextName)
}

class AskSpark extends api.SparkJob {
  type JobData = Config
  type JobOutput = Map[String, String]
  def runJob(sc: SparkContext, runtime: JobEnvironment, data: Config): Map[String, String] =
    sc.getConf.getAll.filter(_._1.contains("moved")).toMap
  def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    Good(config)
}

/** Starts a streaming query, and writes down how it ends. */
class StreamingQueries extends SparkSessionJob {
  type JobData = String
  type JobOutput = Boolean

  override def runJob(spark: SparkSession, runtime: JobEnvironment, file: String): Boolean = {
    spark.streams.addListener(new HowItEnds(file))
    val rows = spark.readStream.format("rate").option("rowsPerSecond", 10).load()
    val query = rows.writeStream.format("noop").start()
    while (query.recentProgress.isEmpty) Thread.sleep(50)
    query.isActive
  }

  override def validate(
      spark: SparkSession,
      runtime: JobEnvironment,
      config: Config
  ): String Or Every[ValidationProblem] = Good(config.getString("file"))
}

class HowItEnds(file: String) extends StreamingQueryListener {
  import StreamingQueryListener._
  override def onQueryStarted(event: QueryStartedEvent): Unit = ()
  override def onQueryProgress(event: QueryProgressEvent): Unit = ()
  override def onQueryTerminated(event: QueryTerminatedEvent): Unit = {
    val how = event.exception.getOrElse("stopped")
    java.nio.file.Files.write(java.nio.file.Paths.get(file), how.getBytes("UTF-8"))
    ()
  }
}
