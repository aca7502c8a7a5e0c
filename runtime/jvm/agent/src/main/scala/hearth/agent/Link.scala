package hearth.agent

import java.io.IOException
import java.nio.file.{Files, Path}
import java.util.concurrent.{CompletableFuture, ExecutionException, Executor, ScheduledExecutorService, TimeUnit}

import scala.util.control.NonFatal

import com.fasterxml.jackson.databind.node.ObjectNode
import org.slf4j.LoggerFactory

/** The events of the link. One thread at a time calls them. */
trait LinkEvents {

  /** The header of the frame with which the agent introduces itself. */
  def hello(): ObjectNode

  /** The server has accepted the agent. Everything that it may have missed has to be sent over this connection. */
  def welcomed(connection: Connection): Unit

  /**
   * A frame has arrived that the link does not handle itself.
   *
   * @return work that may take long. The same thread does it, and another thread goes on reading, because waking a
   *         thread for the work would take longer than a small job.
   */
  def received(connection: Connection, frame: Frame): Option[Runnable]

  /** The connection is gone, and the link dials again. */
  def lost(): Unit

  /** The server has refused the agent, or there has been no server for too long. This process has to end. */
  def ended(reason: String): Unit
}

/**
 * Keeps a connection to the server: dials, dials again after a loss, and keeps up the heartbeat.
 *
 * @param threads a pool without a limit, whose threads read in turn
 */
final class Link(start: StartFile, events: LinkEvents, timer: ScheduledExecutorService, threads: Executor) {
  private val log = LoggerFactory.getLogger(getClass)
  @volatile private var open: Option[Connection] = None
  @volatile private var closing = false
  private var heartbeatMs = start.heartbeatMs

  /** The connection on which the server has accepted the agent, if there is one. */
  def connection: Option[Connection] = open

  def start(): Unit = {
    val thread = new Thread(() => keepConnected(), "hearth-link")
    thread.setDaemon(true)
    thread.start()
  }

  /** Closes the connection and does not dial again. */
  def close(): Unit = {
    closing = true
    open.foreach(_.close())
  }

  private def keepConnected(): Unit = {
    var lastSeen = System.nanoTime
    var pauseMs = Link.FirstPauseMs
    while (!closing) {
      if (serveOnce()) {
        lastSeen = System.nanoTime
        pauseMs = Link.FirstPauseMs
      }
      val alone = TimeUnit.NANOSECONDS.toMillis(System.nanoTime - lastSeen)
      if (!closing && alone >= start.orphanTimeoutMs) {
        closing = true
        events.ended(s"no server for $alone ms")
      } else if (!closing) {
        Thread.sleep(math.min(pauseMs, start.orphanTimeoutMs - alone))
        pauseMs = math.min(pauseMs * 2, Link.LongestPauseMs)
      }
    }
  }

  /** Serves one connection to its end; true if the server had accepted the agent. */
  private def serveOnce(): Boolean = {
    var welcomed = false
    try {
      val connection = new Connection(Link.dial(start))
      try {
        connection.readTimeout(Link.WelcomeTimeoutMs)
        connection.send(Kind.Hello, events.hello())
        welcomed = welcome(connection, connection.read())
        if (welcomed) serve(connection)
      } finally {
        connection.close()
        open = None
      }
    } catch {
      case e: IOException => if (!closing) log.info(s"No connection to the server: $e")
      case NonFatal(e) => log.error("The connection to the server failed", e)
    }
    if (welcomed) events.lost()
    welcomed
  }

  private def welcome(connection: Connection, answer: Frame): Boolean = answer.kind match {
    case Kind.Welcome =>
      if (answer.number("heartbeatMs") > 0) heartbeatMs = answer.number("heartbeatMs")
      connection.readTimeout(math.min(heartbeatMs * 3, Int.MaxValue.toLong).toInt)
      open = Some(connection)
      events.welcomed(connection)
      true
    case Kind.Reject =>
      closing = true
      events.ended(s"the server refused: ${answer.text("message")}")
      false
    case other => throw new IOException(s"the server answered hello with a frame of kind $other")
  }

  private def serve(connection: Connection): Unit = {
    val beat = timer.scheduleWithFixedDelay(
      () => connection.pingIfIdle(heartbeatMs),
      heartbeatMs,
      math.max(heartbeatMs / 4, 1),
      TimeUnit.MILLISECONDS
    )
    val ended = new CompletableFuture[Unit]
    try {
      readOn(connection, ended)
      ended.get()
    } catch { case e: ExecutionException => throw e.getCause }
    finally beat.cancel(false)
  }

  /** Lets a thread read until it finds work. */
  private def readOn(connection: Connection, ended: CompletableFuture[Unit]): Unit =
    try threads.execute(() => read(connection, ended))
    catch { case e: Throwable => ended.completeExceptionally(e) }

  private def read(connection: Connection, ended: CompletableFuture[Unit]): Unit = {
    var work = Option.empty[Runnable]
    try while (work.isEmpty) work = handle(connection, connection.read())
    catch { case e: Throwable => ended.completeExceptionally(e) }
    work.foreach { found =>
      readOn(connection, ended)
      found.run()
    }
  }

  private def handle(connection: Connection, frame: Frame): Option[Runnable] = frame.kind match {
    case Kind.ServerPing =>
      connection.send(Kind.AgentPong, Frames.header().put("seq", frame.number("seq")))
      None
    case Kind.ServerPong => None
    case _ => events.received(connection, frame)
  }
}

object Link {
  val FirstPauseMs = 50L
  val LongestPauseMs = 2000L
  val WelcomeTimeoutMs = 10000

  /** Connects by the Unix socket, which costs less, or by TCP if there is no Unix socket. */
  def dial(start: StartFile): Wire = UnixWire.connect(start.endpointSocket).getOrElse {
    val (host, port) = endpoint(start.endpointFile)
    new TcpWire(host, port)
  }

  /** The server's address. It is read for each dial, because a restarted server may listen elsewhere. */
  def endpoint(file: Path): (String, Int) = {
    val line = new String(Files.readAllBytes(file)).trim
    val colon = line.lastIndexOf(':')
    if (colon < 1) throw new IOException(s"no host:port in $file")
    (line.substring(0, colon).stripPrefix("[").stripSuffix("]"), line.substring(colon + 1).toInt)
  }
}
