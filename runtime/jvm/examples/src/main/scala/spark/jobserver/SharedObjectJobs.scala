package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.rdd.RDD
import org.apache.spark.storage.StorageLevel
import org.scalactic.{Every, Good, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

/** Shares an RDD under a name, the old way; the sum of it is 55. */
object CacheRddByNameJob extends AnyConfigJob with NamedRddSupport {
  override def runJob(sc: SparkContext, config: Config): Any = {
    val numbers: RDD[Int] = namedRdds.getOrElseCreate("numbers", sc.parallelize(1 to 10))
    numbers.sum().toLong
  }
}

/** Sums the RDD that [[CacheRddByNameJob]] left; fails if there is none. */
class NamedRddSumJob extends NewApiJob[Long] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Long =
    runtime.namedObjects
      .get[NamedRDD[Int]]("numbers")
      .getOrElse(throw new NoSuchElementException("No RDD named numbers"))
      .rdd
      .sum()
      .toLong
}

/** Forgets and unpersists that RDD, and returns the names that are left. */
class NamedRddDestroyJob extends NewApiJob[Iterable[String]] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Iterable[String] = {
    implicit val persister: NamedObjectPersister[NamedRDD[Int]] = new RDDPersister[Int]
    runtime.namedObjects.get[NamedRDD[Int]]("numbers").foreach(runtime.namedObjects.destroy(_, "numbers"))
    runtime.namedObjects.getNames()
  }
}

/** Shares a broadcast variable; the result is the sum of the squares in it, 385. */
class NamedBroadcastJob extends NewApiJob[Long] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Long = {
    implicit val persister: NamedObjectPersister[NamedBroadcast[Map[Int, Long]]] =
      new BroadcastPersister[Map[Int, Long]]
    val squares = runtime.namedObjects.getOrElseCreate(
      "squares",
      NamedBroadcast(sc.broadcast((1 to 10).map(n => n -> n.toLong * n).toMap))
    )
    sc.parallelize(1 to 10).map(squares.broadcast.value).reduce(_ + _)
  }
}

/** Doubles an RDD that is cached with a level that writes to disk when memory is short. */
class NamedRddUpdateJob extends NewApiJob[Long] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Long = {
    implicit val persister: NamedObjectPersister[NamedRDD[Int]] = new RDDPersister[Int]
    runtime.namedObjects
      .update(
        "numbers",
        NamedRDD(sc.parallelize(1 to 10).map(_ * 2), forceComputation = true, StorageLevel.MEMORY_AND_DISK)
      )
      .rdd
      .sum()
      .toLong
  }
}

/** A job of the new API that takes any configuration. */
trait NewApiJob[R] extends api.SparkJob {
  type JobData = Config
  type JobOutput = R

  override def validate(sc: SparkContext, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] =
    Good(config)
}
