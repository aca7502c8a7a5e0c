package hearth.agent

import java.io.IOException
import java.nio.file.{Files, Path}
import java.util.concurrent.{CompletableFuture, ExecutionException, Executor, ScheduledExecutorService, TimeUnit}

import scala.util.control.NonFatal

import com.fasterxml.jackson.databind.node.ObjectNode
import org.slf4j.LoggerFactory

/** What happens on the link. All of it is called by one thread at a time. */
trait LinkEvents {

  /** What to introduce oneself with. */
  def hello(): ObjectNode

  /** The server knows us; over this connection everything that it may have missed is to be said. */
  def welcomed(connection: Connection): Unit

  /**
   * A frame that is not the link's own business.
   *
   * @return work that may take its time: the same thread does it, and another one reads on. To wake a thread for it
   *         would take longer than a small job does.
   */
  def received(connection: Connection, frame: Frame): Option[Runnable]

  /** The connection is gone; the link dials again. */
  def lost(): Unit

  /** The server does not want us, or there has been none for too long: this process has to end. */
  def ended(reason: String): Unit
}

/**
 * Keeps a connection to the server: dials, redials, keeps the heartbeat.
 *
 * @param threads as many as there is work, which read in turn
 */
final class Link(start: StartFile, events: LinkEvents, timer: ScheduledExecutorService, threads: Executor) {
  private val log = LoggerFactory.getLogger(getClass)
  @volatile private var open: Option[Connection] = None
  @volatile private var closing = false
  private var heartbeatMs = start.heartbeatMs

  /** The connection, once the server has welcomed us. */
  def connection: Option[Connection] = open

  def start(): Unit = {
    val thread = new Thread(() => keepConnected(), "hearth-link")
    thread.setDaemon(true)
    thread.start()
  }

  /** Closes the connection and dials no more. */
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

  /** Serves one connection to its end; true if the server had welcomed us. */
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

  /** Has a thread read until it finds work. */
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

  /** By the Unix socket, which costs less; by TCP where there is none. */
  def dial(start: StartFile): Wire = UnixWire.connect(start.endpointSocket).getOrElse {
    val (host, port) = endpoint(start.endpointFile)
    new TcpWire(host, port)
  }

  /** The server's address, read anew for each dial: a server that was started again may listen elsewhere. */
  def endpoint(file: Path): (String, Int) = {
    val line = new String(Files.readAllBytes(file)).trim
    val colon = line.lastIndexOf(':')
    if (colon < 1) throw new IOException(s"no host:port in $file")
    (line.substring(0, colon).stripPrefix("[").stripSuffix("]"), line.substring(colon + 1).toInt)
  }
}
