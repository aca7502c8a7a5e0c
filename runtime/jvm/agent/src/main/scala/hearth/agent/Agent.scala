package hearth.agent

import java.io.IOException
import java.lang.management.ManagementFactory
import java.util.concurrent.{CompletableFuture, Executors, ThreadFactory}
import java.util.concurrent.{SynchronousQueue, ThreadPoolExecutor, TimeUnit}

import com.fasterxml.jackson.databind.node.ObjectNode
import org.apache.spark.SPARK_VERSION
import org.apache.spark.hearth.DriverVersions
import org.apache.spark.scheduler.{SparkListener, SparkListenerApplicationEnd}
import org.slf4j.LoggerFactory

/**
 * The process of one context. It dials the server while Spark starts, then runs what it is told to until it is told to
 * stop, the context ends by itself, or the server is gone for too long.
 */
final class Agent(start: StartFile) extends LinkEvents with PythonEvents {
  private val log = LoggerFactory.getLogger(getClass)
  private val timer = Executors.newScheduledThreadPool(2, Agent.daemons("hearth-timer"))
  private val threads = Agent.threads()
  private val link = new Link(start, this, timer, threads)
  private val files = new ServerFiles(start.folder.resolve("files"), () => link.connection, ServerFiles.TimeoutMs)

  /** Exit code of the process; completed once it shall end. */
  private val end = new CompletableFuture[Int]

  @volatile private var stopping = false
  @volatile private var jobs: Option[Jobs] = None
  @volatile private var python: Option[PythonSide] = None
  @volatile private var context: Option[Context] = None

  // What the server has to know about the context: said once, and again to each server that comes back.
  @volatile private var state: Option[(Int, ObjectNode)] = None
  private var stateSaid = false

  /** Runs to the end of the process; returns its exit code. */
  def run(): Int = {
    link.start()
    try ready(Context.make(start))
    catch { case error: Throwable => failed(error) }
    val code = end.get()
    python.foreach(_.close())
    context.foreach(stopSpark)
    link.close()
    removeCopies()
    code
  }

  override def hello(): ObjectNode = {
    val header = Frames
      .header()
      .put("protocol", 1)
      .put("contextId", start.contextId)
      .put("token", start.token)
      .put("pid", ManagementFactory.getRuntimeMXBean.getName.takeWhile(_ != '@').toLong)
      .put("runtime", s"spark $SPARK_VERSION scala ${scala.util.Properties.versionNumberString}")
      .put("ready", state.exists(_._1 == Kind.ContextReady))
    val running = header.putArray("running")
    val ended = header.putArray("ended")
    jobs.foreach { known =>
      known.running.foreach(running.add)
      known.ended.foreach(ended.add)
    }
    python.foreach { side =>
      side.running.foreach(running.add)
      side.ended.foreach(ended.add)
    }
    header
  }

  override def welcomed(connection: Connection): Unit = synchronized {
    tellState(connection)
    jobs.foreach(_.repeatAll(connection))
    python.foreach(_.connected())
    files.repeatAll(connection)
  }

  override def received(connection: Connection, frame: Frame): Option[Runnable] =
    if (python.isDefined && frame.kind != Kind.Stop) {
      python.foreach(_.received(frame))
      None
    } else if (frame.kind == Kind.RunJob) run(connection, JobRequest.of(frame))
    else {
      handle(connection, frame)
      None
    }

  private def handle(connection: Connection, frame: Frame): Unit = frame.kind match {
    case Kind.KillJob => jobs.foreach(_.kill(frame.text("job")))
    case Kind.Credit => jobs.foreach(_.credit(frame.text("job"), frame.number("bytes")))
    case Kind.JobStored => jobs.foreach(_.stored(frame.text("job")))
    case Kind.FileBlock => files.received(frame)
    case Kind.Stop => stop(connection, frame.number("graceMs"))
    case other => throw new IOException(s"unknown frame of kind $other")
  }

  override def lost(): Unit = {
    jobs.foreach(_.lost())
    python.foreach(_.lost())
  }

  override def ended(reason: String): Unit = {
    log.error(s"Context ${start.contextName} ends: $reason")
    stopWithin(Agent.OrphanGraceMs, code = 1)
  }

  private def ready(made: Context): Unit = {
    val sc = made.sparkContext
    context = Some(made)
    sc.addSparkListener(new SparkListener {
      override def onApplicationEnd(event: SparkListenerApplicationEnd): Unit = if (!stopping) endedByItself()
    })
    if (start.isPython) python = Some(new PythonSide(start, sc, () => link.connection, timer, threads, this))
    else takeJobs(made)
  }

  override def pythonReady(): Unit = if (!state.exists(_._1 == Kind.ContextReady)) context.foreach(sayReady)

  override def pythonFailed(failure: Failure): Unit = failed(failure)

  override def pythonEnded(how: String): Unit = {
    log.error(s"Context ${start.contextName} ends: $how")
    end.complete(1)
  }

  private def takeJobs(made: Context): Unit = {
    val sc = made.sparkContext
    val binaries = new Binaries(new DriverVersions(sc, made.loader, start.folder.resolve("files").resolve("jars")))
    val runner = new JobRunner(made, binaries, new ContextObjects, files, start.folder)
    val known = new Jobs(runner, () => link.connection, timer, threads)
    Runtime.getRuntime.addShutdownHook(new Thread(() => known.reportExits(), "hearth-exit"))
    sc.addSparkListener(new ProgressListener(known.tasksOf, timer, () => known.sayProgress()))
    jobs = Some(known)
    sayReady(made)
  }

  private def sayReady(made: Context): Unit = {
    val sc = made.sparkContext
    say(
      Kind.ContextReady,
      Frames
        .header()
        .put("applicationId", sc.applicationId)
        .put("webUrl", sc.uiWebUrl.getOrElse(""))
        .put("version", sc.version)
    )
  }

  private def failed(error: Throwable): Unit = {
    log.error(s"Context ${start.contextName} cannot start", error)
    failed(Failure.of(error))
  }

  private def failed(failure: Failure): Unit = {
    say(Kind.ContextFailed, failure.writeTo(Frames.header()))
    awaitSaid()
    end.complete(1)
  }

  /** Atomic with [[welcomed]], so that exactly one of the two says it. */
  private def say(kind: Int, header: ObjectNode): Unit = synchronized {
    state = Some(kind -> header)
    link.connection.foreach(tellState)
  }

  private def tellState(connection: Connection): Unit = state.foreach { case (kind, header) =>
    if (connection.send(kind, header)) {
      stateSaid = true
      notifyAll()
    }
  }

  /**
   * The link may still be dialling, or be connected and just about to say it: without it the client of the context
   * would not learn why there is none.
   */
  private def awaitSaid(): Unit = synchronized {
    val deadline = System.nanoTime + Agent.OrphanGraceMs * 1000000
    while (!stateSaid && System.nanoTime < deadline && !end.isDone) wait(Agent.LookAgainMs)
  }

  private def run(connection: Connection, request: JobRequest): Option[Runnable] = jobs match {
    case Some(known) => known.run(request)
    case None =>
      val failure = Failure.of(new IllegalStateException("The context is not ready"))
      connection.send(
        Kind.JobRefused,
        failure.writeTo(Frames.job(request.id).put("reason", "loading-failed"))
      )
      None
  }

  private def stop(connection: Connection, graceMs: Long): Unit = {
    log.info(s"Context ${start.contextName} is stopped by the server")
    connection.send(Kind.Stopping, Frames.header())
    stopWithin(graceMs, code = 0)
  }

  private def stopWithin(graceMs: Long, code: Int): Unit = {
    // On a thread of its own, for the timer's may be waiting for a peer that does not read.
    val watchdog = new Thread(
      () => {
        Thread.sleep(graceMs)
        Runtime.getRuntime.halt(code)
      },
      "hearth-watchdog"
    )
    watchdog.setDaemon(true)
    watchdog.start()
    stopping = true
    jobs.foreach(_.stop())
    python.foreach(_.stop(graceMs))
    end.complete(code)
  }

  private def endedByItself(): Unit = {
    log.error(s"The Spark context of ${start.contextName} ended by itself")
    // Not on Spark's thread, which the stop waits for; and its jobs shall still tell how they ended.
    val thread = new Thread(
      () => {
        jobs.foreach(_.awaitIdle(Agent.LastWordsMs))
        end.complete(1)
      },
      "hearth-end"
    )
    thread.setDaemon(true)
    thread.start()
  }

  private def stopSpark(made: Context): Unit =
    try made.stop()
    catch { case e: Exception => log.warn("Stopping Spark failed", e) }

  private def removeCopies(): Unit =
    try files.close()
    catch { case e: IOException => log.warn("Copies of files of the server are left behind", e) }
}

object Agent {

  /** Time to stop Spark in when nobody set one. */
  val OrphanGraceMs = 10000L

  /** How soon a wait notices that the process has to end for another reason. */
  private val LookAgainMs = 20L

  /** How long jobs of a context that ended by itself may take to notice. */
  val LastWordsMs = 2000L

  private val IdleSeconds = 60L

  /** Those that read from the server and run jobs: as many as there is work. */
  def threads(): ThreadPoolExecutor =
    new ThreadPoolExecutor(
      0,
      Int.MaxValue,
      IdleSeconds,
      TimeUnit.SECONDS,
      new SynchronousQueue[Runnable],
      daemons("hearth-job")
    )

  private def daemons(name: String): ThreadFactory = work => {
    val thread = new Thread(work, name)
    thread.setDaemon(true)
    thread
  }
}
