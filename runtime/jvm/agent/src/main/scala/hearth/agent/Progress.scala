package hearth.agent

import java.util.concurrent.{ScheduledExecutorService, TimeUnit}
import java.util.concurrent.atomic.AtomicBoolean

import scala.collection.mutable

import org.apache.spark.Success
import org.apache.spark.hearth.JobThreads
import org.apache.spark.scheduler.{
  SparkListener,
  SparkListenerJobEnd,
  SparkListenerJobStart,
  SparkListenerStageSubmitted,
  SparkListenerTaskEnd
}

/** How far a job is: tasks done, tasks of all its stages so far, the stage that was begun last. */
final case class Progress(done: Long, total: Long, text: String)

/** Counts the tasks of one job. Any thread may call it. */
final class TaskCount {
  private var now = Progress(0, 0, "")
  private var changed = false

  /** There are that many more tasks; fewer if it is negative. */
  def expect(tasks: Int): Unit = change(now.copy(total = now.total + tasks))

  def begin(stage: String): Unit = change(now.copy(text = stage))

  def finishOne(): Unit = change(now.copy(done = now.done + 1))

  def progress: Progress = synchronized(now)

  /** Whether there is something that [[take]] has not given yet. */
  def isNew: Boolean = synchronized(changed)

  def take(): Progress = synchronized {
    changed = false
    now
  }

  private def change(to: => Progress): Unit = synchronized {
    now = to
    changed = true
  }
}

/**
 * Listens to Spark and counts for each job of ours the tasks of its Spark jobs. They are told apart by a local property,
 * for a job may set a job group of its own.
 *
 * @param countOf the count of a job that runs, null for others
 * @param tell    called some times a second while counts change, on the timer's thread; true if it left some for later
 */
final class ProgressListener(countOf: String => TaskCount, timer: ScheduledExecutorService, tell: () => Boolean)
    extends SparkListener {

  private final class Stage(val count: TaskCount, val parents: Seq[Int]) {
    var users = 0
    var left = 0

    /** There are that many tasks to do, whatever was expected before. */
    def expect(tasks: Int): Unit = {
      count.expect(tasks - left)
      left = tasks
    }
  }

  // Spark calls all of this on one thread. What has ended is in neither: only what runs takes memory.
  private val stages = mutable.HashMap.empty[Int, Stage]
  private val stagesOf = mutable.HashMap.empty[Int, Seq[Int]]
  private val planned = new AtomicBoolean

  override def onJobStart(event: SparkListenerJobStart): Unit = {
    val id = if (event.properties == null) null else event.properties.getProperty(JobThreads.Job)
    val count = if (id == null) null else countOf(id)
    if (count != null) {
      stagesOf.put(event.jobId, event.stageIds)
      event.stageInfos.foreach { info =>
        val stage = stages.getOrElseUpdate(info.stageId, new Stage(count, info.parentIds))
        if (stage.users == 0) stage.expect(info.numTasks)
        stage.users += 1
      }
    }
  }

  override def onStageSubmitted(event: SparkListenerStageSubmitted): Unit = {
    val info = event.stageInfo
    stages.get(info.stageId).foreach { stage =>
      // What it needs is there: a stage before it that has tasks left will not run them.
      skip(stage.parents)
      stage.expect(info.numTasks)
      stage.count.begin(s"stage ${info.stageId}: ${info.name}")
      plan()
    }
  }

  override def onTaskEnd(event: SparkListenerTaskEnd): Unit =
    if (event.reason == Success) stages.get(event.stageId).foreach { stage =>
      if (stage.left > 0) {
        stage.left -= 1
        stage.count.finishOne()
        plan()
      }
    }

  override def onJobEnd(event: SparkListenerJobEnd): Unit =
    stagesOf.remove(event.jobId).foreach(_.foreach { id =>
      stages.get(id).foreach { stage =>
        stage.users -= 1
        if (stage.users == 0) {
          stage.expect(0)
          stages.remove(id)
        }
      }
    })

  // No recursion, for a job that goes in rounds may have thousands of stages in a row.
  private def skip(ids: Seq[Int]): Unit = {
    var open = ids.toList
    while (open.nonEmpty) {
      val stage = stages.get(open.head).filter(_.left > 0)
      open = stage.toList.flatMap(_.parents) ++ open.tail
      stage.foreach(_.expect(0))
    }
  }

  private def plan(): Unit = if (planned.compareAndSet(false, true)) {
    timer.schedule((() => tellNow()): Runnable, ProgressListener.PauseMs, TimeUnit.MILLISECONDS)
    ()
  }

  private def tellNow(): Unit = {
    planned.set(false)
    if (tell()) plan()
  }
}

object ProgressListener {

  /** How long after a change it is told; also how old a job is before anything is. */
  val PauseMs = 300L
}
