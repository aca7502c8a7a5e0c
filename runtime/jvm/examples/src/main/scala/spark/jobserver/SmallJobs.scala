package spark.jobserver

import scala.util.Random

import com.typesafe.config.Config
import org.apache.spark.SparkContext

/** A job of the old API that takes any configuration. */
trait AnyConfigJob extends SparkJob {
  override def validate(sc: SparkContext, config: Config): SparkJobValidation = SparkJobValid

  /** A number of the configuration, or the default. */
  protected def number(config: Config, path: String, otherwise: Long): Long =
    if (config.hasPath(path)) config.getLong(path) else otherwise
}

/** Three numbers doubled. */
object VeryShortDoubleJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = sc.parallelize(Seq(1, 2, 3)).map(_ * 2).collect()
}

/** Throws darts at a circle for `stress.test.longpijob.duration` seconds (5); the result is near pi. */
object LongPiJob extends AnyConfigJob {
  private val Darts = 100000

  override def runJob(sc: SparkContext, config: Config): Any = {
    val seconds = number(config, "stress.test.longpijob.duration", 5)
    val end = System.nanoTime + seconds * 1000000000L
    var hits = 0L
    var thrown = 0L
    while (thrown == 0 || System.nanoTime < end) {
      hits += sc.parallelize(1 to Darts).filter(_ => inCircle(Random.nextDouble(), Random.nextDouble())).count()
      thrown += Darts
    }
    4.0 * hits / thrown
  }

  private def inCircle(x: Double, y: Double) = x * x + y * y < 1
}

/** Uses no RDD, so that only the server's own time is left. */
object HelloJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = HelloBody()
}

/** The same as [[HelloJob]], under another name that users look for. */
object NoRddJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = HelloBody()
}

private object HelloBody {
  def apply(): String = "Hello"
}

/** Does about the least that Spark can do. It is a class, so each run has an instance of its own. */
class TrivialRddJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = TrivialRddBody(sc)
}

private object TrivialRddBody {
  def apply(sc: SparkContext): Double = sc.parallelize(1 to 10, 1).sum()
}

/**
 * Runs the body of [[TrivialRddJob]] (`body = rdd`) or [[HelloJob]] (`body = hello`) `count` times (1000) in the
 * driver, each under a job group of its own, and returns the times in microseconds, sorted. Jobs over HTTP are measured
 * against these times.
 */
object InDriverLoop extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = {
    val hello = config.hasPath("body") && config.getString("body") == "hello"
    val times = Seq.tabulate(number(config, "count", 1000).toInt) { run =>
      val start = System.nanoTime
      sc.setJobGroup(s"loop-$run", "InDriverLoop", interruptOnCancel = true)
      if (hello) HelloBody() else TrivialRddBody(sc)
      sc.clearJobGroup()
      (System.nanoTime - start) / 1000
    }
    times.sorted
  }
}

/** Sleeps for `sleep.time.millis` (10000) and returns how long. */
object SleepJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = {
    val millis = number(config, "sleep.time.millis", 10000)
    Thread.sleep(millis)
    millis
  }
}

/** Its result is a string of `size` characters (1 MiB). */
object BigResultJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = "x" * number(config, "size", 1024 * 1024).toInt
}

/** Returns the keys of its configuration, which must be only those that were sent. */
object ConfigCheckerJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = config.root.keySet
}

/** Returns which version of one of Spark's libraries it finds, in the driver and in a task. */
object JacksonVersionJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any =
    Map("driver" -> version, "task" -> sc.parallelize(Seq(1), 1).map(_ => version).first())

  private def version: String =
    Class.forName("com.fasterxml.jackson.core.json.PackageVersion").getField("VERSION").get(null).toString
}
