package hearth.agent

import java.util.concurrent.{CountDownLatch, Executors, LinkedBlockingQueue, TimeUnit}

import org.apache.spark.SparkException
import org.apache.spark.hearth.JobThreads
import org.apache.spark.scheduler.{SparkListener, SparkListenerJobEnd}
import org.junit.{After, Before, Test}
import org.junit.Assert.{assertEquals, assertNotNull, assertTrue}

class ProgressTest {
  private val sc = SharedContext.context.sparkContext
  private val counts = Map("ours" -> new TaskCount)
  private val told = new LinkedBlockingQueue[Progress]
  private val listener = new ProgressListener(counts.get(_).orNull, ProgressTest.timer, () => tell())

  private def tell(): Boolean = {
    told.add(counts("ours").take())
    false
  }

  @Before def listen(): Unit = {
    sc.addSparkListener(listener)
    sc.setLocalProperty(JobThreads.Job, "ours")
  }

  @After def leave(): Unit = {
    sc.removeSparkListener(listener)
    sc.setLocalProperty(JobThreads.Job, null)
  }

  /** Until the listener has heard that the Spark job of this action ended. */
  private def heard(action: => Unit): Unit = {
    val ended = new CountDownLatch(1)
    // Added after the other, so that it hears each event after it.
    val last = new SparkListener {
      override def onJobEnd(event: SparkListenerJobEnd): Unit = ended.countDown()
    }
    sc.addSparkListener(last)
    try {
      action
      assertTrue(ended.await(20, TimeUnit.SECONDS))
    } finally sc.removeSparkListener(last)
  }

  private def numbers = {
    val tasks = counts("ours").progress
    (tasks.done, tasks.total)
  }

  @Test def countsTheTasksOfAllStages(): Unit = {
    heard { sc.parallelize(1 to 10, 4).map(n => (n % 2, n)).reduceByKey(_ + _, 3).collect(); () }
    assertEquals((7L, 7L), numbers)
    val text = counts("ours").progress.text
    assertTrue(text, text.matches("stage \\d+: collect at ProgressTest.scala:\\d+"))
    heard { sc.parallelize(1 to 10, 2).count(); () }
    assertEquals((9L, 9L), numbers)
  }

  @Test def doesNotWaitForStagesThatAreSkipped(): Unit = {
    val summed = sc.parallelize(1 to 10, 4).map(n => (n % 2, n)).reduceByKey(_ + _, 3)
    heard { summed.collect(); () }
    heard { summed.map(_.swap).reduceByKey(_ + _, 2).collect(); () }
    // The second time three and two of nine: those of the first stage are not done again.
    assertEquals((12L, 12L), numbers)
  }

  @Test def countsNoTaskThatFailed(): Unit = {
    heard {
      try { sc.parallelize(Seq(1, 0), 2).map(1 / _).collect(); () }
      catch { case _: SparkException => () }
    }
    val (done, total) = numbers
    assertTrue(done <= 1)
    assertEquals(done, total)
  }

  @Test def countsNothingOfOthers(): Unit = {
    sc.setLocalProperty(JobThreads.Job, "another's")
    heard { sc.parallelize(1 to 10, 4).count(); () }
    sc.setLocalProperty(JobThreads.Job, null)
    heard { sc.parallelize(1 to 10, 4).count(); () }
    assertEquals((0L, 0L), numbers)
  }

  @Test def isToldAfterChangesTogether(): Unit = {
    heard { sc.parallelize(1 to 100, 50).count(); () }
    var last = told.poll(20, TimeUnit.SECONDS)
    assertNotNull(last)
    while (last.done < 50) last = told.poll(20, TimeUnit.SECONDS)
    assertEquals(50, last.total)
  }
}

object ProgressTest {
  private val timer = Executors.newScheduledThreadPool(1)
}
