package user

import java.io.{File, IOException}
import java.util.concurrent.TimeoutException

import scala.concurrent.duration.{DurationInt, FiniteDuration}
import scala.util.Try

import com.typesafe.config.{Config, ConfigFactory}
import org.apache.spark.{SparkConf, SparkContext}
import org.apache.spark.broadcast.Broadcast
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.{DataFrame, SparkSession}
import org.apache.spark.storage.StorageLevel
import org.apache.spark.streaming.StreamingContext
import org.junit.Assert.{assertEquals, assertFalse, assertSame, assertTrue}
import org.junit.Test
import org.scalactic._
import spark.jobserver._
import spark.jobserver.api.{DataFileCache, JobEnvironment, SingleProblem, ValidationProblem}
import spark.jobserver.context._
import spark.jobserver.japi.{BaseJavaJob, JSessionJob, JSparkJob, JStreamingJob, JavaValidationException}

// Jobs as they are written for Spark Job Server: that they compile is the test of the names and the signatures.

object NewApiJob extends api.SparkJob {
  type JobData = Seq[String]
  type JobOutput = collection.Map[String, Long]

  def runJob(sc: SparkContext, runtime: JobEnvironment, data: JobData): JobOutput = {
    val id: String = runtime.jobId
    val settings: Config = runtime.contextConfig
    val objects: NamedObjects = runtime.namedObjects
    Map(id -> data.size.toLong, settings.root.toString -> objects.getNames().size.toLong)
  }

  def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem] =
    Try(config.getString("input.string").split(" ").toSeq)
      .map(words => Good(words))
      .getOrElse(Bad(One(SingleProblem("No input.string param"))))
}

class ManyProblemsJob extends api.OldSparkJob {
  def runJob(sc: SparkContext, runtime: JobEnvironment, data: Config): Any = data.getInt("n")

  def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    if (config.isEmpty) Bad(Many(SingleProblem("one"), new ValidationProblem {})) else Good(config)
}

class DataFileJob extends api.SparkJob {
  type JobData = String
  type JobOutput = Long

  override def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem] =
    Good(config.getString("file"))

  override def runJob(sc: SparkContext, runtime: JobEnvironment, name: JobData): JobOutput = {
    val file: File = runtime.asInstanceOf[DataFileCache].getDataFile(name)
    file.length
  }
}

object OldApiJob extends SparkJob with NamedRddSupport {
  override def validate(sc: SparkContext, config: Config): SparkJobValidation =
    has(config, "a") && has(config, "b")

  private def has(config: Config, path: String): SparkJobValidation =
    if (config.hasPath(path)) SparkJobValid else SparkJobInvalid(s"No $path")

  override def runJob(sc: SparkContext, config: Config): Any = {
    val made: RDD[Int] = namedRdds.getOrElseCreate("rdd", sc.parallelize(1 to 10))
    val again: Option[RDD[Int]] = namedRdds.get[Int]("rdd")
    namedRdds.update("rdd", made.map(_ + 1))
    namedRdds.destroy("rdd")
    namedRdds.getNames().toSeq ++ again.map(_.name)
  }
}

class OldApiObjectsJob extends SparkJob with NamedObjectSupport {
  implicit def rddPersister[T]: NamedObjectPersister[NamedRDD[T]] = new RDDPersister[T]
  implicit val dataFramePersister: NamedObjectPersister[NamedDataFrame] = new DataFramePersister
  implicit def broadcastPersister[U]: NamedObjectPersister[NamedBroadcast[U]] = new BroadcastPersister[U]

  override def validate(sc: SparkContext, config: Config): SparkJobValidation = SparkJobValid

  override def runJob(sc: SparkContext, config: Config): Any = {
    implicit val timeout: FiniteDuration = 5.seconds
    val NamedRDD(rdd, _, _) =
      namedObjects.getOrElseCreate("rdd", NamedRDD(sc.parallelize(Seq(1)), true, StorageLevel.MEMORY_ONLY))
    val frame: DataFrame = namedObjects.get[NamedDataFrame]("frame").map(_.df).orNull
    val NamedBroadcast(shared: Broadcast[_]) = namedObjects.update("b", NamedBroadcast(sc.broadcast(1)))
    namedObjects.get[NamedRDD[Int]]("rdd").foreach(namedObjects.destroy(_, "rdd"))
    namedObjects.forget("b")
    Seq(rdd, frame, shared, namedObjects.defaultTimeout)
  }
}

class SessionJob extends SparkSessionJob {
  type JobData = Config
  type JobOutput = Array[String]
  override def validate(s: SparkSession, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem] =
    Good(config)
  override def runJob(s: SparkSession, runtime: JobEnvironment, data: JobData): JobOutput =
    s.sql(data.getString("sql")).columns
}

class StreamingJob extends SparkStreamingJob {
  def validate(ssc: StreamingContext, config: Config): SparkJobValidation = SparkJobValid
  def runJob(ssc: StreamingContext, config: Config): Any = ssc.awaitTermination()
}

/** Something of one's own on top of a context, and jobs for it. */
class OwnContext(val sparkContext: SparkContext) extends ContextLike {
  def stop(): Unit = sparkContext.stop()
}

trait OwnJob extends api.SparkJobBase {
  type C = OwnContext
}

class OwnFactory extends ScalaContextFactory {
  type C = OwnContext
  def isValidJob(job: api.SparkJobBase): Boolean = job.isInstanceOf[OwnJob]
  def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    new OwnContext(new SparkContext(sparkConf.setAppName(contextName)))
}

class OwnJavaFactory extends JavaContextFactory {
  type C = SparkSessionContextLikeWrapper
  def isValidJob(job: BaseJavaJob[_, _]): Boolean = job match {
    case _: JSessionJob[_] => true
    case _: JSparkJob[_] | _: JStreamingJob[_] => false
    case _ => false
  }
  def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    SparkSessionContextLikeWrapper(SparkSession.builder().config(sparkConf).getOrCreate())
}

/** All of a factory by hand. */
class WholeFactory extends SparkContextFactory {
  type C = OwnContext
  type J = ScalaJobContainer
  def loadAndValidateJob(classPath: Seq[String], mainClass: String, jobCache: JobCache): J Or LoadingError =
    mainClass match {
      case "none" => Bad(JobClassNotFound)
      case "other" => Bad(JobWrongType)
      case "broken" => Bad(JobLoadError(new IOException("broken")))
      case _ => Good(ScalaJobContainer(jobCache.getSparkJob(classPath, mainClass).constructor()))
    }
  def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    new OwnContext(new SparkContext(sparkConf))
  override def makeContext(config: Config, contextConfig: Config, contextName: String): C =
    super.makeContext(config, contextConfig, contextName)
  override def updateConfig(contextConfig: Config): Config = contextConfig
  override def runsPython: Boolean = false
}

/** What the parts of the API do that need no context. */
class EveryNameTest {
  private val empty = ConfigFactory.empty()

  private object environment extends JobEnvironment with DataFileCache {
    override def jobId: String = "id"
    override def namedObjects: NamedObjects = objects
    override def contextConfig: Config = empty
    override def getDataFile(dataFile: String): File = throw new IOException(dataFile)
  }

  private object objects extends NamedObjects {
    val defaultTimeout: FiniteDuration = 1.second
    private def late = throw new TimeoutException
    override def getOrElseCreate[O <: NamedObject](name: String, objGen: => O)(implicit
        timeout: FiniteDuration,
        persister: NamedObjectPersister[O]
    ): O = late
    override def get[O <: NamedObject](name: String)(implicit timeout: FiniteDuration): Option[O] = None
    override def update[O <: NamedObject](name: String, objGen: => O)(implicit
        timeout: FiniteDuration,
        persister: NamedObjectPersister[O]
    ): O = late
    override def forget(name: String): Unit = ()
    override def destroy[O <: NamedObject](objOfType: O, name: String)(implicit
        persister: NamedObjectPersister[O]
    ): Unit = ()
    override def getNames(): Iterable[String] = Nil
  }

  private def config(text: String): Config = ConfigFactory.parseString(text)

  @Test def theFirstRefusalOfAChainIsTold(): Unit = {
    assertEquals(SparkJobValid, OldApiJob.validate(null, config("a = 1, b = 1")))
    assertEquals(SparkJobInvalid("No a"), OldApiJob.validate(null, empty))
    assertEquals(SparkJobInvalid("No b"), OldApiJob.validate(null, config("a = 1")))
  }

  @Test def theOldApiIsTheNewOneUnderneath(): Unit = {
    val job: api.SparkJobBase = OldApiJob
    val refused = job.validate(null.asInstanceOf[job.C], environment, empty)
    assertEquals(Bad(One(SparkJobInvalid("No a"))), refused)
    assertSame(objects, OldApiJob.namedObjects)
  }

  @Test def aJobOfTheNewApiHandsOnItsData(): Unit = {
    assertEquals(Good(Seq("a", "b")), NewApiJob.validate(null, environment, config("input.string = a b")))
    assertEquals(Bad(One(SingleProblem("No input.string param"))), NewApiJob.validate(null, environment, empty))
    assertEquals(2L, NewApiJob.runJob(null, environment, Seq("a", "b"))("id"))
  }

  @Test def oneReturnedThrowableOfAJavaJobIsAProblem(): Unit = {
    val why = JavaValidationException("no", new IllegalStateException)
    assertEquals("no", why.reason)
    assertTrue(why.isInstanceOf[ValidationProblem])
  }

  @Test def factoriesKnowTheirJobs(): Unit = {
    assertFalse(new OwnFactory().isValidJob(OldApiJob))
    assertTrue(new DefaultSparkContextFactory().isValidJob(OldApiJob))
    assertTrue(new DefaultSparkContextFactory().isValidJob(new ManyProblemsJob))
    assertTrue(new DefaultSparkContextFactory().isValidJob(new JavaOldJob))
    assertTrue(new SessionContextFactory().isValidJob(new SessionJob))
    assertTrue(new StreamingContextFactory().isValidJob(new StreamingJob))
    assertTrue(new JavaSparkContextFactory().isValidJob(new JavaPlainJob))
    assertTrue(new JavaSessionContextFactory().isValidJob(new JavaSessionJob))
    assertTrue(new JavaStreamingContextFactory().isValidJob(new JavaStreamJob))
    assertFalse(new OwnJavaFactory().isValidJob(new JavaPlainJob))
    assertFalse(new WholeFactory().runsPython)
  }
}
