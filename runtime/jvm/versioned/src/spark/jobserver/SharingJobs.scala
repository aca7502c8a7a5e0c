package spark.jobserver

import java.nio.file.Files

import com.typesafe.config.Config
import org.apache.spark.sql.{functions, DataFrame, Dataset, SparkSession}
import org.apache.spark.sql.streaming.Trigger
import org.apache.spark.storage.StorageLevel
import spark.jobserver.api.JobEnvironment

/** The versions that a job's code has on threads of its own and of others' making. */
class VersionThreadsJob extends VersionSessionJob {
  import scala.concurrent.{Await, ExecutionContext, Future}
  import scala.concurrent.duration.DurationInt

  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    val sc = spark.sparkContext
    // What a thread's work counts for, as far as it is not this job.
    def strangers: Seq[Int] =
      if (sc.getLocalProperty("spark.jobGroup.id") == runtime.jobId) Nil else Seq(-1)
    def seen: Seq[Int] = sc.parallelize(1 to 2, 2).map(_ => Version.number).collect().toSeq ++ strangers
    val supplier: java.util.function.Supplier[Seq[Int]] = () => seen
    val futures = (1 to 4).map(_ => Future(seen)(ExecutionContext.global))
    val pool = java.util.concurrent.Executors.newFixedThreadPool(4)
    val javas = (1 to 4).map(_ => java.util.concurrent.CompletableFuture.supplyAsync(supplier, pool))
    val commons = (1 to 4).map(_ => java.util.concurrent.CompletableFuture.supplyAsync(supplier))
    val parallel = scala.collection.parallel.immutable.ParVector(1, 2, 3, 4).map(_ => seen)
    val timer = new java.util.Timer(true)
    val timed = scala.concurrent.Promise[Seq[Int]]()
    timer.schedule(new java.util.TimerTask { override def run(): Unit = { timed.success(seen); () } }, 1)
    try
      Map(
        "plain" -> seen,
        "futures" -> futures.flatMap(Await.result(_, 60.seconds)),
        "parallel" -> parallel.seq.flatten,
        "pool" -> javas.flatMap(_.get),
        "common" -> commons.flatMap(_.get),
        "timer" -> Await.result(timed.future, 60.seconds)
      ).map { case (where, versions) => where -> versions.toSeq.distinct }
    finally {
      timer.cancel()
      pool.shutdown()
    }
  }
}

/**
 * Leaves something for other jobs, of this version's making: `what` is `objects`, `moments` (objects that are others
 * when they are computed again), `numbers`, `pairs`, `broadcast`, `frame`, `typed`, `udf`, `function`, `source` or
 * `named`; `cached` is the storage level that it is computed and kept in, if any.
 */
class ShareJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    import spark.implicits._
    val sc = spark.sparkContext
    val level = StorageLevel.fromString(config.getString("cached"))
    val cached = level != StorageLevel.NONE
    def objects = sc.parallelize(1 to 4, 2).map(_ => Sighting(Version.number, "rdd"))
    def rdd[T](made: org.apache.spark.rdd.RDD[T]): Unit = {
      implicit val persister: NamedObjectPersister[NamedRDD[T]] = new RDDPersister[T]
      runtime.namedObjects.update("shared", NamedRDD(made, cached, level))
      ()
    }
    def view(made: DataFrame): Unit = {
      if (cached) made.persist(level).count()
      made.createOrReplaceTempView("shared")
    }
    config.getString("what") match {
      case "objects" => rdd(objects)
      case "moments" => rdd(sc.parallelize(1 to 4, 2).map(_ => Sighting(Version.number, s"${System.nanoTime}")))
      case "numbers" => rdd(objects.map(_.version))
      case "pairs" => rdd(objects.map(it => (it.of, it)).groupByKey(2).mapValues(_.toList))
      case "broadcast" =>
        val broadcast = sc.broadcast(Sighting(Version.number, "broadcast"))
        rdd(sc.parallelize(1 to 4, 2).map(_ => broadcast.value.version))
      case "frame" =>
        // A function of its own each time, for else Spark takes what an earlier job has cached.
        val of = config.getString("what")
        view(spark.range(4).map(_ => Sighting(Version.number, of)).toDF())
      case "typed" =>
        val typed = spark.range(4).map(_ => Sighting(Version.number, "typed"))
        view(typed.filter(_.version > 0).map(_.version).toDF("version"))
      case "udf" =>
        val version = functions.udf((_: Long) => Version.number)
        view(spark.range(4).select(version($"id").as("version")))
      case "function" =>
        // What calls it by its name does so in the reader's job.
        spark.udf.register("shared", (_: Long) => Version.number)
      case "source" => view(spark.read.format(classOf[SightingsSource].getName).load())
      case "named" =>
        implicit val persister: NamedObjectPersister[NamedDataFrame] = new DataFramePersister
        val of = config.getString("what")
        val frame = spark.range(4).map(_ => Sighting(Version.number, of)).toDF()
        runtime.namedObjects.update("shared_frame", NamedDataFrame(frame, cached, level))
    }
    Version.number
  }
}

/** The version that a structured stream runs, in each batch's driver code and tasks. */
class VersionStreamingJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    import spark.implicits._
    val folder = Files.createTempDirectory("version-stream")
    val input = Files.createDirectory(folder.resolve("in"))
    Files.write(input.resolve("lines"), "a\nb\n".getBytes)
    @volatile var seen = Seq.empty[Int]
    val batch: (Dataset[Sighting], Long) => Unit = (rows, _) =>
      seen = seen ++ rows.collect().toSeq.map(_.version) ++ rows.map(_ => Version.number).collect().toSeq ++
        rows.rdd.map(_ => Version.number).collect().toSeq :+ Version.number
    spark.readStream.text(input.toString)
      .map(_ => Sighting(Version.number, "stream"))
      .writeStream
      .option("checkpointLocation", folder.resolve("checkpoint").toString)
      .trigger(Trigger.AvailableNow())
      .foreachBatch(batch)
      .start()
      .awaitTermination()
    Map("stream" -> seen.distinct)
  }
}

/** Takes what [[ShareJob]] left as `objects` for objects of its own version. */
class ReadObjectsJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any =
    runtime.namedObjects.get[NamedRDD[Sighting]]("shared").get.rdd.map(_.version).distinct().collect().toSeq
}

/**
 * Reads what [[ShareJob]] left as `frame` beside its own objects: in other stages of the query, or in the same one if
 * `together` says so.
 */
class ReadTypedJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    import spark.implicits._
    val shared = spark.table("shared")
    if (config.getBoolean("together"))
      shared.as[Sighting].map(it => s"${it.version} read by ${Version.number}").distinct().collect().toSeq
    else {
      val own = spark.range(1).map(_ => Sighting(Version.number, "own")).toDF("own", "by")
      shared.join(own, $"of" =!= $"by").select("version", "own").distinct().collect().toSeq
        .map(row => s"${row.getInt(0)} read by ${row.getInt(1)}")
    }
  }
}

/** The versions in a small typed Dataset, a small RDD and a broadcast: Spark makes much for them, in little time. */
class VersionTypedJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    import spark.implicits._
    val broadcast = spark.sparkContext.broadcast(Sighting(Version.number, "broadcast"))
    Map(
      "typed" -> spark.range(2).map(_ => Sighting(Version.number, "typed")).collect().toSeq.map(_.version),
      "broadcast" -> spark.sparkContext.parallelize(1 to 2, 2).map(_ => broadcast.value.version).collect().toSeq,
      "rdd" -> spark.sparkContext.parallelize(1 to 2, 2).map(_ => Version.number).collect().toSeq
    )
  }
}

/** Makes typed Datasets on a thread of Java's common pool, where a class cannot be found by its name. */
class VersionLostJob extends VersionSessionJob {
  import scala.util.Try

  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    import spark.implicits._
    val seen = new java.util.concurrent.SynchronousQueue[Try[Int]]
    // Not by CompletableFuture, which with few cores makes a thread for each and leaves the pool alone.
    java.util.concurrent.ForkJoinPool.commonPool().execute { () =>
      seen.put(Try(spark.range(1).map(_ => Sighting(Version.number, "lost")).collect().head.version))
    }
    seen.take().get
  }
}

/** Does what [[VersionThreadsJob]] does, again and again until it is killed. */
class VersionBusyJob extends VersionThreadsJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    while (!Thread.interrupted()) super.runJob(spark, runtime, config)
    "interrupted"
  }
}
