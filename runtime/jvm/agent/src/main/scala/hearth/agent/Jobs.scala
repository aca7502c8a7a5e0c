package hearth.agent

import java.util.concurrent.{ConcurrentHashMap, Executor, ScheduledExecutorService, TimeUnit}

import org.slf4j.LoggerFactory
import spark.jobserver.JobKilledException

/**
 * Keeps all jobs of this process that run, and those whose end the server has not stored yet. Its functions do not
 * block their caller, which reads from the server; only the work that [[run]] returns does.
 *
 * @param threads deliver results that wait for the server
 */
final class Jobs(
    runner: JobRunner,
    connection: () => Option[Connection],
    timer: ScheduledExecutorService,
    threads: Executor
) {
  private val log = LoggerFactory.getLogger(getClass)
  private val jobs = new ConcurrentHashMap[String, Job]
  private val credits = new ConcurrentHashMap[String, Credit]
  private val lateStarts = new LateStarts(
    timer,
    job => connection().foreach(link => job.whileRunning(sayStarted(job, link)))
  )
  @volatile private var stopping = false

  /** Runs a job. If the job is known already, it is not run again, but the last report about it is repeated. */
  def run(request: JobRequest): Option[Runnable] = {
    val job = new Job(request)
    val known = jobs.putIfAbsent(request.id, job)
    if (known == null) Some(() => runToEnd(job))
    else {
      connection().foreach(repeat(known, _, again = true))
      None
    }
  }

  def kill(id: String): Unit = Option(jobs.get(id)) match {
    case Some(job) if job.outcome == null => killUntilEnded(job)
    case Some(job) => connection().foreach(repeat(job, _, again = true))
    case None =>
      // It never came here, or its end is stored already, and then the server knows better than this.
      val failure = Failure.of(new JobKilledException(id))
      connection().foreach(_.send(Kind.JobEnded, failure.writeTo(Frames.job(id).put("outcome", "killed"))))
  }

  /** Forgets a job whose end the server has stored. */
  def stored(id: String): Unit = {
    val job = jobs.get(id)
    if (job != null && job.outcome != null) {
      jobs.remove(id)
      discard(job)
      // It may have stored something else than the result that is still waiting to be sent.
      Option(credits.get(id)).foreach(_.close())
    }
  }

  def credit(id: String, bytes: Long): Unit = Option(credits.get(id)).foreach(_.add(bytes))

  /** The count of a job's tasks; null if the job does not run. */
  def tasksOf(id: String): TaskCount = {
    val job = jobs.get(id)
    if (job == null || job.outcome != null) null else job.tasks
  }

  /** Sends the progress that was not sent yet; true if some jobs are left over, because they have only just begun. */
  def sayProgress(): Boolean = {
    var left = false
    jobs.values.forEach { job =>
      if (job.outcome == null && job.tasks.isNew) {
        if (job.started && job.ageMs >= ProgressListener.PauseMs)
          connection().foreach(link => job.whileRunning(sayProgress(job, link)))
        else left = true
      }
    }
    left
  }

  def running: Seq[String] = ids(_.outcome == null)

  /** The jobs whose end the server has not acknowledged yet. */
  def ended: Seq[String] = ids(_.outcome != null)

  /** Sends everything that the server may have missed over a new connection. */
  def repeatAll(connection: Connection): Unit = jobs.values.forEach(repeat(_, connection, again = false))

  /** Ends all waiting for credit, since the connection is gone. */
  def lost(): Unit = credits.values.forEach(_.close())

  /** Takes no more jobs and ends those that run. The server, which asked for it, gets no reports about them. */
  def stop(): Unit = {
    stopping = true
    jobs.values.forEach(job => if (job.outcome == null) killUntilEnded(job))
  }

  /** Reports the jobs that are ending this process with `System.exit`. Call it while the process ends. */
  def reportExits(): Unit = jobs.values.forEach { job =>
    val stack = job.stack
    if (
      job.outcome == null && stack.exists(at => at.getClassName == "java.lang.Runtime" && at.getMethodName == "exit")
    ) {
      val error = new IllegalStateException("The job called System.exit, which ended its context")
      error.setStackTrace(stack.toArray)
      end(job, Errored(Failure.of(error)))
      connection().foreach(deliver(job, _, again = false))
    }
  }

  /** Waits until no job runs; false if some still do after that time. */
  def awaitIdle(milliseconds: Long): Boolean = {
    val deadline = System.nanoTime + milliseconds * 1000000
    jobs.synchronized {
      def left = (deadline - System.nanoTime) / 1000000
      while (running.nonEmpty && left > 0) jobs.wait(left)
      running.isEmpty
    }
  }

  private def runToEnd(job: Job): Unit = {
    val outcome =
      if (stopping) Refused("stopping", Failure.of(new IllegalStateException("The context is being stopped")))
      else
        runner.run(
          job,
          () => {
            job.started = true
            announce(job)
          },
          () => connection().foreach(beginStream(job, _))
        )
    val tell = !stopping || outcome.isInstanceOf[Refused]
    // Lest the delivery of a stream, which is under way, tells it.
    if (!tell) Option(credits.get(job.id)).foreach(_.close())
    end(job, outcome)
    jobs.synchronized(jobs.notifyAll())
    if (tell) connection().foreach(deliver(job, _, again = false))
  }

  private def end(job: Job, outcome: Outcome): Unit = {
    job.end(outcome)
    if (job.failed) {
      Option(credits.get(job.id)).foreach(_.waive())
      discard(job)
    }
  }

  private def discard(job: Job): Unit = Option(job.result).foreach(_.discard())

  /** For some jobs only the server's list needs the start, and most of these end before they would be listed. */
  private def announce(job: Job): Unit =
    if (job.request.startedAfterMs == 0) connection().foreach(sayStarted(job, _)) else lateStarts.add(job)

  private def beginStream(job: Job, connection: Connection): Unit = {
    // Its first part must not come before this, which may be under way as yet.
    if (job.request.startedAfterMs > 0) sayStarted(job, connection)
    threads.execute(() => deliver(job, connection, again = false))
  }

  private def repeat(job: Job, connection: Connection, again: Boolean): Unit = {
    if (job.outcome == null && job.started) {
      sayStarted(job, connection)
      if (job.tasks.progress.total > 0) sayProgress(job, connection)
    }
    if (job.isDeliverable) threads.execute(() => deliver(job, connection, again))
  }

  private def sayStarted(job: Job, connection: Connection): Unit =
    connection.send(Kind.JobStarted, Frames.job(job.id))

  private def sayProgress(job: Job, connection: Connection): Unit = {
    val Progress(done, total, text) = job.tasks.take()
    connection.send(
      Kind.JobProgress,
      Frames.job(job.id).put("done", done).put("total", total).put("text", text)
    )
  }

  private def deliver(job: Job, connection: Connection, again: Boolean): Unit =
    if (job.beginDelivery(connection, again)) {
      val credit = new Credit(job.request.credit)
      credits.put(job.id, credit)
      try Delivery.deliver(job, connection, credit)
      finally {
        credits.remove(job.id, credit)
        job.endDelivery(connection)
      }
    }

  /** Repeats the kill, because a job may swallow an interruption and submit its next action. */
  private def killUntilEnded(job: Job): Unit =
    if (job.outcome == null) {
      try runner.kill(job)
      catch { case e: Exception => log.warn(s"Killing job ${job.id} failed, which will be tried again", e) }
      timer.schedule((() => killUntilEnded(job)): Runnable, Jobs.KillAgainMs, TimeUnit.MILLISECONDS)
    }

  private def ids(which: Job => Boolean): Seq[String] = {
    val found = Vector.newBuilder[String]
    jobs.values.forEach(job => if (which(job)) { found += job.id; () })
    found.result()
  }
}

object Jobs {
  val KillAgainMs = 500L
}
