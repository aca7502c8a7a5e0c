package spark.jobserver

import java.nio.file.{Files, Path, Paths, StandardOpenOption}

import scala.collection.mutable

import com.typesafe.config.Config
import org.apache.spark.rdd.RDD
import org.apache.spark.streaming.StreamingContext

/**
 * Sums up batches of ten numbers until its context is stopped. The file `out` gets two lines a batch, `begin N` and, half
 * a second later, `end N SUM`.
 */
object StreamingSumJob extends SparkStreamingJob {
  override def validate(ssc: StreamingContext, config: Config): SparkJobValidation =
    if (config.hasPath("out")) SparkJobValid else SparkJobInvalid("No out param")

  override def runJob(ssc: StreamingContext, config: Config): Any = {
    BatchSums.start(ssc, Paths.get(config.getString("out")))
    ssc.awaitTermination()
    "stopped"
  }
}

/** The batches, for Scala and Java jobs. */
object BatchSums {

  /** Starts the context with a stream of batches. */
  def start(ssc: StreamingContext, out: Path): Unit = {
    val batches = mutable.Queue.tabulate(100)(_ => ssc.sparkContext.parallelize(1 to 10, 1))
    ssc.queueStream(batches).foreachRDD((batch, time) => sumUp(batch, time.milliseconds, out))
    ssc.start()
  }

  private def sumUp(batch: RDD[Int], name: Long, out: Path): Unit = if (!batch.isEmpty()) {
    append(out, s"begin $name")
    Thread.sleep(500)
    append(out, s"end $name ${batch.sum().toInt}")
  }

  private def append(out: Path, line: String): Unit = {
    Files.write(out, (line + "\n").getBytes("UTF-8"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)
    ()
  }
}
