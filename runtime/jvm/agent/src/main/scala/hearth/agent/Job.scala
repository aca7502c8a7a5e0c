package hearth.agent

import java.nio.charset.StandardCharsets.UTF_8

import com.typesafe.config.{Config, ConfigFactory}

/** The server's request to run a job. */
final case class JobRequest(
    id: String,
    mainClass: String,
    binaries: Seq[Binary],
    maxResult: Long,
    credit: Long,
    user: String,
    startedAfterMs: Long,
    configuration: Array[Byte]
) {

  /** The job's configuration and nothing else: neither the server's nor this process's properties. */
  def config: Config =
    if (configuration.length <= 2) ConfigFactory.empty()
    // HOCON's syntax, of which JSON is a part: in JSON mode integers of more than 64 bits are an error.
    else ConfigFactory.parseString(new String(configuration, UTF_8))
}

object JobRequest {
  def of(frame: Frame): JobRequest =
    JobRequest(
      frame.text("job"),
      frame.text("mainClass"),
      StartFile.elements(frame.header.path("binaries")).map { binary =>
        Binary(binary.path("digest").asText, binary.path("path").asText)
      },
      frame.header.path("maxResult").asLong(Long.MaxValue),
      frame.number("credit"),
      frame.text("user"),
      frame.number("startedAfterMs"),
      frame.payload
    )
}

/** How a job ended. */
sealed trait Outcome
final case class Refused(reason: String, failure: Failure) extends Outcome
final case class Finished(result: ResultBytes) extends Outcome
final case class Errored(failure: Failure) extends Outcome
final case class Killed(failure: Failure) extends Outcome

/** A job, from the request for it until the server has stored its end. */
final class Job(val request: JobRequest) {
  def id: String = request.id

  private var thread: Thread = _
  private var killed = false
  private var delivering: AnyRef = _
  private var delivered: AnyRef = _

  /** Whether its validation passed. */
  @volatile var started = false

  /** Counts the tasks that Spark does for it. */
  val tasks = new TaskCount

  private val since = System.nanoTime

  /** How old it is. */
  def ageMs: Long = (System.nanoTime - since) / 1000000

  /** How it ended; null before that. */
  @volatile var outcome: Outcome = _

  /** The result, as far as it is written; null while there is none. */
  @volatile var result: ResultBytes = _

  private val ending = new Object

  /** Sets how it ended, unless that is set already. */
  def end(how: Outcome): Unit = ending.synchronized {
    if (outcome == null) outcome = how
    ending.notifyAll()
  }

  /** Its result cannot be read any more. */
  def lose(why: Failure): Unit = ending.synchronized {
    if (!failed) outcome = Errored(why)
    ending.notifyAll()
  }

  /** Waits until it has ended. */
  def awaitEnd(): Unit = ending.synchronized { while (outcome == null) ending.wait() }

  /** Whether it ended without a result. */
  def failed: Boolean = outcome match {
    case null | _: Finished => false
    case _ => true
  }

  /** Whether something about it can be sent. */
  def isDeliverable: Boolean = outcome != null || { val begun = result; begun != null && begun.isStream }

  /** Does something that must not happen after its end; does nothing if it has ended. */
  def whileRunning(work: => Unit): Unit = ending.synchronized { if (outcome == null) work }

  /** Claims the thread for the job; false if it was killed before that. */
  def enter(): Boolean = synchronized {
    if (!killed) thread = Thread.currentThread
    !killed
  }

  /** Gives the thread back, so that a kill does not interrupt it any more. True if the job was killed. */
  def leave(): Boolean = synchronized {
    thread = null
    Thread.interrupted()
    killed
  }

  def kill(): Unit = synchronized {
    killed = true
    if (thread != null) thread.interrupt()
  }

  /** The stack of the job's thread; empty if it has none. */
  def stack: Seq[StackTraceElement] = synchronized(Option(thread).toSeq.flatMap(_.getStackTrace))

  /**
   * True for one caller at a time, which then sends the outcome over this connection and calls [[endDelivery]].
   *
   * @param again whether the server has asked for it, so that it is sent even if it was sent over this connection
   *              before
   */
  def beginDelivery(connection: AnyRef, again: Boolean): Boolean = synchronized {
    val needed = (delivering ne connection) && (again || (delivered ne connection))
    if (needed) delivering = connection
    needed
  }

  def endDelivery(connection: AnyRef): Unit = synchronized {
    delivered = connection
    if (delivering eq connection) delivering = null
  }
}
