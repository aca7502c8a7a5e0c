package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.sql.{functions, SparkSession}
import org.scalactic.{Every, Good, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

/** A class of the job's own, which travels between driver and executors. */
case class Sighting(version: Int, of: String)

/**
 * Every version of this jar that a job can see; all of them should be the same. First `sleep.time.millis` pass (none), so
 * that another version can be uploaded meanwhile.
 */
private[jobserver] object Versions {

  def sleep(config: Config): Unit =
    if (config.hasPath("sleep.time.millis")) Thread.sleep(config.getLong("sleep.time.millis"))

  /** As RDDs show it: in a closure, in objects that tasks return, in a broadcast, in a cached and a shuffled RDD. */
  def inRdds(sc: SparkContext): Map[String, Seq[Int]] = {
    val tasks = sc.parallelize(1 to 4, 2)
    val broadcast = sc.broadcast(Sighting(Version.number, "broadcast"))
    val cached = tasks.map(_ => Sighting(Version.number, "cache")).persist(
      org.apache.spark.storage.StorageLevel.MEMORY_ONLY_SER
    )
    cached.count()
    Map(
      "driver" -> Seq(Version.number),
      "closure" -> tasks.map(_ => Version.number).collect().toSeq,
      "collected" -> tasks.map(_ => Sighting(Version.number, "task")).collect().toSeq.map(_.version),
      "broadcast" -> tasks.map(_ => broadcast.value.version).collect().toSeq,
      "cached" -> cached.map(_.version).collect().toSeq,
      "shuffled" -> tasks.map(n => (n, Sighting(Version.number, "shuffle"))).groupByKey(2).collect().toSeq
        .flatMap(_._2).map(_.version),
      "thread" -> Seq(inThread(sc.parallelize(1 to 2, 1).map(_ => Version.number).sum().toInt / 2))
    ).map { case (where, versions) => where -> versions.distinct }
  }

  /** As Datasets show it: in a typed map, a UDF and a function registered by name. */
  def inDatasets(spark: SparkSession): Map[String, Seq[Int]] = {
    import spark.implicits._
    val numbers = spark.range(4)
    val udf = functions.udf((_: Long) => Version.number)
    spark.udf.register("jar_version", (_: Long) => Version.number)
    numbers.createOrReplaceTempView("version_numbers")
    Map(
      "map" -> numbers.map(_ => Sighting(Version.number, "map")).collect().toSeq.map(_.version),
      "udf" -> numbers.select(udf($"id")).as[Int].collect().toSeq,
      "registered" -> spark.sql("select jar_version(id) from version_numbers").as[Int].collect().toSeq
    ).map { case (where, versions) => where -> versions.distinct }
  }

  private def inThread(work: => Int): Int = {
    @volatile var result = 0
    val thread = new Thread(() => result = work)
    thread.start()
    thread.join()
    result
  }
}

/** The versions as RDDs show them. */
class VersionJob extends api.SparkJob {
  type JobData = Config
  type JobOutput = Any

  override def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    Good(config)

  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Any = {
    Versions.sleep(config)
    Versions.inRdds(sc)
  }
}

/** The versions as RDDs and Datasets show them, in a plain context. */
class VersionSqlJob extends VersionJob {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Any = {
    Versions.sleep(config)
    Versions.inRdds(sc) ++ Versions.inDatasets(SparkSession.builder().getOrCreate())
  }
}

/** The same for session contexts. */
class VersionSessionJob extends SparkSessionJob {
  type JobData = Config
  type JobOutput = Any

  override def validate(
      spark: SparkSession,
      runtime: JobEnvironment,
      config: Config
  ): Config Or Every[ValidationProblem] = Good(config)

  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    Versions.sleep(config)
    Versions.inRdds(spark.sparkContext) ++ Versions.inDatasets(spark)
  }
}

/** Leaves a temp view and a named data frame behind, `shared_view` and `shared_frame`, of this version's making. */
class ShareFramesJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    import spark.implicits._
    implicit val persister: NamedObjectPersister[NamedDataFrame] = new DataFramePersister
    val frame = spark.range(2).map(_ => Sighting(Version.number, "frame")).toDF()
    runtime.namedObjects.update(
      "shared_frame",
      NamedDataFrame(frame, forceComputation = true, org.apache.spark.storage.StorageLevel.MEMORY_AND_DISK)
    )
    frame.createOrReplaceTempView("shared_view")
    Version.number
  }
}

/** What it finds in them, and the version that it is of itself. */
class ReadFramesJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    val named = runtime.namedObjects.get[NamedDataFrame]("shared_frame").map(_.df)
    Map(
      "view" -> spark.sql("select distinct version from shared_view").collect().toSeq.map(_.getInt(0)),
      "frame" -> named.toSeq.flatMap(_.select("version").distinct().collect().toSeq.map(_.getInt(0))),
      "own" -> Seq(Version.number)
    )
  }
}
