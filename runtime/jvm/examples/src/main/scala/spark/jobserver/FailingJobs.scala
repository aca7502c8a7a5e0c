package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.SparkContext

/** Throws an exception. */
object MyErrorJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = throw new IllegalArgumentException("Foobar")
}

/** Recurses without end. */
object StackOverflowJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = depth(1)

  // The addition comes after the call, so that the compiler cannot make a loop of it.
  private def depth(level: Long): Long = 1 + depth(level + 1)
}

/** Fills the heap. */
object OutOfMemoryJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any =
    Iterator.continually(new Array[Long](64 * 1024 * 1024)).toVector.size
}

/** Needs a class that is not there. */
object NoClassDefJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = throw new NoClassDefFoundError("no/such/Library")
}

/** Fails in a task, not in the driver. */
object FailingTaskJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any =
    sc.parallelize(1 to 4, 2).map(number => require(number < 3, s"$number is too large")).count()
}

/** Swallows interruptions for `duration` milliseconds (10000). */
object UninterruptibleJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = {
    val end = System.nanoTime + number(config, "duration", 10000) * 1000000
    var swallowed = 0
    while (System.nanoTime < end) {
      try Thread.sleep(math.max((end - System.nanoTime) / 1000000, 1))
      catch { case _: InterruptedException => swallowed += 1 }
    }
    s"swallowed $swallowed interruptions"
  }
}

/** Stops the Spark context of everybody. */
object StopContextJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = sc.stop()
}

/** Not a job. */
object Animal {
  def sound: String = "moo"
}

/** Ends the driver's process. */
object SystemExitJob extends AnyConfigJob {
  override def runJob(sc: SparkContext, config: Config): Any = sys.exit(3)
}
