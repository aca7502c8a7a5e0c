package moved

import scala.concurrent.duration.FiniteDuration
import scala.util.Try

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.api.java.JavaSparkContext
import org.apache.spark.rdd.RDD
import org.apache.spark.storage.StorageLevel
import org.scalactic._
import spark.jobserver._
import spark.jobserver.api.{DataFileCache, JobEnvironment, SingleProblem, ValidationProblem}

/** Jobs for a plain context: of the new API, as an object and as a class, and of the old one. */
object NewObject extends api.SparkJob with NamedObjectSupport {
  type JobData = Seq[String]
  type JobOutput = collection.Map[String, Long]

  def runJob(sc: SparkContext, runtime: JobEnvironment, data: JobData): JobOutput =
    sc.parallelize(data).countByValue()

  def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem] =
    Try(config.getString("input.string").split(" ").toSeq)
      .map(words => Good(words))
      .getOrElse(Bad(One(SingleProblem("No input.string param"))))
}

class NewClass extends api.OldSparkJob {
  def runJob(sc: SparkContext, runtime: JobEnvironment, data: Config): Any =
    Map("job" -> runtime.jobId, "setting" -> runtime.contextConfig.getString("of.context"), "data" -> data.getInt("n"))

  def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    if (config.hasPath("n")) Good(config) else Bad(Many(SingleProblem("one"), SingleProblem("two")))
}

class DataFile extends api.SparkJob {
  type JobData = String
  type JobOutput = Long

  def runJob(sc: SparkContext, runtime: JobEnvironment, name: String): Long =
    runtime.asInstanceOf[DataFileCache].getDataFile(name).length

  def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): String Or Every[ValidationProblem] =
    Good(config.getString("file"))
}

object OldObject extends SparkJob {
  override def validate(sc: SparkContext, config: Config): SparkJobValidation = has(config, "a") && has(config, "b")

  private def has(config: Config, path: String): SparkJobValidation =
    if (config.hasPath(path)) SparkJobValid else SparkJobInvalid(s"No $path")

  override def runJob(sc: SparkContext, config: Config): Any =
    sc.parallelize(1 to config.getInt("a")).sum() + config.getInt("b")
}

/** Named RDDs, from an object that is kept from before any job has run. */
object Rdds extends SparkJob with NamedRddSupport {
  private val kept = namedRdds

  override def validate(sc: SparkContext, config: Config): SparkJobValidation = SparkJobValid

  override def runJob(sc: SparkContext, config: Config): Any = {
    val made: RDD[Int] = kept.getOrElseCreate("numbers", sc.parallelize(1 to 10))
    val again: Option[RDD[Int]] = namedRdds.get[Int]("numbers")
    val updated =
      namedRdds.update("numbers", made.map(_ + 1), forceComputation = false, storageLevel = kept.defaultStorageLevel)
    val names = kept.getNames().toSeq.contains("numbers")
    namedRdds.destroy("numbers")
    namedRdds.destroy("never there")
    Seq(made.sum(), again.map(_.sum()), updated.sum(), names, namedRdds.get[Int]("numbers").isEmpty)
  }
}

/** Objects of each type, through the old API and through the new one. */
class Objects extends SparkJob with NamedObjectSupport {
  implicit def rdds[T]: NamedObjectPersister[NamedRDD[T]] = new RDDPersister[T]
  implicit val frames: NamedObjectPersister[NamedDataFrame] = new DataFramePersister
  implicit def broadcasts[T]: NamedObjectPersister[NamedBroadcast[T]] = new BroadcastPersister[T]

  override def validate(sc: SparkContext, config: Config): SparkJobValidation = SparkJobValid

  override def runJob(sc: SparkContext, config: Config): Any = {
    implicit val timeout: FiniteDuration = namedObjects.defaultTimeout
    val spark = org.apache.spark.sql.SparkSession.builder().getOrCreate()
    val level = StorageLevel.MEMORY_ONLY
    val NamedRDD(rdd, _, _) =
      namedObjects.getOrElseCreate("rdd", NamedRDD(sc.parallelize(1 to 3), forceComputation = true, level))
    val frame = namedObjects.update("frame", NamedDataFrame(spark.range(4).toDF(), forceComputation = false, level))
    val NamedBroadcast(shared) = namedObjects.update("shared", NamedBroadcast(sc.broadcast("b")))
    namedObjects.get[NamedDataFrame]("frame").foreach(namedObjects.destroy(_, "frame"))
    namedObjects.forget("shared")
    namedObjects.get[NamedRDD[Int]]("rdd").foreach(namedObjects.destroy(_, "rdd"))
    Seq(rdd.sum(), frame.df.count(), shared.value, namedObjects.getNames())
  }
}

/** The old API for Java, extended in Scala. */
class OldJava extends JavaSparkJob {
  override def runJob(sc: JavaSparkContext, config: Config): Any =
    sc.parallelize(java.util.Arrays.asList(1, 2, 3)).count()
  override def invalidate(sc: JavaSparkContext, config: Config): String = if (config.hasPath("n")) null else "No n"
}
