package spark.jobserver

import java.nio.file.{Files, Path, Paths, StandardOpenOption}
import java.util.{Timer, TimerTask}

import scala.collection.mutable

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.{Dataset, SparkSession}
import org.apache.spark.streaming.{Milliseconds, StreamingContext}
import spark.jobserver.api.JobEnvironment

/**
 * Starts something that goes on when the job has ended: `what` is `timer`, `stream` (a structured one of the files in
 * `input`) or `dstream`. It adds a line to the file `out` each time it works: the version that its code in the driver
 * and in tasks is of, and behind it what is wrong, if anything is. It ends when the file `end` is there.
 */
class VersionLastingJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    val lasting = new Lasting(Paths.get(config.getString("out")), Paths.get(config.getString("end")))
    config.getString("what") match {
      case "timer" => lasting.time(spark.sparkContext, runtime.jobId)
      case "stream" => lasting.stream(spark, config.getString("input"))
      case "dstream" => lasting.dstream(spark.sparkContext)
    }
    Version.number
  }
}

private final class Lasting(out: Path, end: Path) {

  def time(sc: SparkContext, job: String): Unit = {
    val timer = new Timer(true)
    val work = new TimerTask {
      override def run(): Unit =
        if (Files.exists(end)) timer.cancel()
        else {
          val seen = sc.parallelize(1 to 2, 2).map(_ => Version.number).collect().toSeq
          val group = sc.getLocalProperty("spark.jobGroup.id")
          say(seen, if (group == job) "" else s" in the group $group")
        }
    }
    timer.schedule(work, 1, 200)
  }

  def stream(spark: SparkSession, input: String): Unit = {
    import spark.implicits._
    val batch: (Dataset[Sighting], Long) => Unit = (rows, _) =>
      if (!rows.isEmpty) say(rows.collect().toSeq.map(_.version) ++ rows.map(_ => Version.number).collect().toSeq)
    val query = spark.readStream.text(input).map(_ => Sighting(Version.number, "stream")).writeStream
      .option("checkpointLocation", Files.createTempDirectory("lasting-stream").toString)
      .foreachBatch(batch)
      .start()
    atEnd(query.stop())
  }

  def dstream(sc: SparkContext): Unit = {
    val streams = new StreamingContext(sc, Milliseconds(300))
    val batches = mutable.Queue.tabulate(1000)(_ => sc.parallelize(1 to 2, 2))
    streams.queueStream(batches).map(_ => Sighting(Version.number, "dstream")).foreachRDD { rows: RDD[Sighting] =>
      if (!rows.isEmpty()) say(rows.collect().toSeq.map(_.version) ++ rows.map(_ => Version.number).collect().toSeq)
    }
    streams.start()
    atEnd(streams.stop(stopSparkContext = false, stopGracefully = false))
  }

  private def say(seen: Seq[Int], wrong: String = ""): Unit = {
    val line = (seen :+ Version.number).distinct.mkString(" and ") + wrong + "\n"
    Files.write(out, line.getBytes("UTF-8"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)
    ()
  }

  private def atEnd(work: => Unit): Unit = {
    val thread = new Thread(() => {
      while (!Files.exists(end)) Thread.sleep(50)
      work
    })
    thread.setDaemon(true)
    thread.start()
  }
}

/** Does what [[VersionThreadsJob]] does, and then nothing until it is killed. */
class VersionStayingJob extends VersionThreadsJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    super.runJob(spark, runtime, config)
    Thread.sleep(Long.MaxValue)
  }
}
