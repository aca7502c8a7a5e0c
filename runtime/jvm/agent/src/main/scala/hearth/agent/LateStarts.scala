package hearth.agent

import java.util.PriorityQueue
import java.util.concurrent.{ScheduledExecutorService, TimeUnit}

/**
 * Reports the start of each job once it has run for its `startedAfterMs`, and does not report jobs that end before
 * that. All jobs share one task of the timer, because a task for each job would wake the timer's thread for each job.
 *
 * @param tell reports a start; called on the timer's thread
 */
final class LateStarts(timer: ScheduledExecutorService, tell: Job => Unit) {

  private final class Late(val job: Job) {
    val due: Long = System.nanoTime + TimeUnit.MILLISECONDS.toNanos(job.request.startedAfterMs)
  }

  // Guarded by this object.
  private val waiting = new PriorityQueue[Late]((a: Late, b: Late) => java.lang.Long.signum(a.due - b.due))
  private var planned = false

  /** The job runs from now on. */
  def add(job: Job): Unit = synchronized {
    waiting.add(new Late(job))
    // Those that come while a task is planned are looked at when it runs.
    if (!planned) plan()
  }

  private def plan(): Unit = {
    planned = true
    timer.schedule((() => takeDue().foreach(tell)): Runnable, waiting.peek.due - System.nanoTime, TimeUnit.NANOSECONDS)
    ()
  }

  private def takeDue(): Seq[Job] = synchronized {
    planned = false
    waiting.removeIf(_.job.outcome != null)
    val due = Vector.newBuilder[Job]
    while (!waiting.isEmpty && waiting.peek.due - System.nanoTime <= 0) due += waiting.poll().job
    if (!waiting.isEmpty) plan()
    due.result()
  }
}
