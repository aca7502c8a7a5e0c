package hearth.agent

import java.io.{IOException, InputStream}
import java.net.{InetAddress, ServerSocket, Socket}
import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path}
import java.nio.file.attribute.PosixFilePermissions
import java.security.SecureRandom
import java.util.ArrayDeque
import java.util.concurrent.{ConcurrentHashMap, Executor, ScheduledExecutorService, TimeUnit}

import scala.util.control.NonFatal

import com.fasterxml.jackson.databind.node.ObjectNode
import org.apache.spark.SparkContext
import org.apache.spark.hearth.PythonGateways
import org.slf4j.LoggerFactory

/** What the Python side tells its owner, each once at most. */
trait PythonEvents {
  def pythonReady(): Unit
  def pythonFailed(failure: Failure): Unit

  /** Its process has ended, although nobody had stopped it. */
  def pythonEnded(how: String): Unit
}

/**
 * The Python processes of a context whose jobs are written in Python. The agent of these processes speaks the protocol
 * as if this were the server:
 *
 * {{{
 *   server <-- Link --> this process <-- loopback --> Python agent --> workers
 *                            ^                                            |
 *                            +-------------- gateways, one each ----------+
 * }}}
 *
 * Frames about jobs are passed on as they are. When the server's connection is lost, the Python agent's is closed, too:
 * it then dials again, and once both are there it repeats to the new server whatever that may have missed.
 *
 * @param link the connection on which the server has accepted this process
 */
final class PythonSide(
    start: StartFile,
    sc: SparkContext,
    link: () => Option[Connection],
    timer: ScheduledExecutorService,
    threads: Executor,
    events: PythonEvents
) {
  private val log = LoggerFactory.getLogger(getClass)
  private val gateways = new PythonGateways(sc)
  private val listener = new ServerSocket(0, PythonSide.Backlog, InetAddress.getLoopbackAddress)
  private val token = PythonSide.newToken()
  private val folder = start.folder.resolve("files").resolve("python")
  private val runningJobs = ConcurrentHashMap.newKeySet[String]
  private val endedJobs = ConcurrentHashMap.newKeySet[String]
  private val process = launch()
  @volatile private var stopping = false

  // The next three are guarded by this object.
  private var open = Option.empty[Connection] // welcomed
  private var held = Option.empty[Connection] // waits for the server to be there
  private val unsent = new ArrayDeque[Frame]

  daemon("hearth-python", () => acceptAll())
  daemon("hearth-python-exit", () => awaitExit())

  /** The jobs that have not ended, as far as is known here. */
  def running: Iterable[String] = runningJobs.toArray(Array.empty[String]).toSeq

  /** The jobs whose end the server has not acknowledged. */
  def ended: Iterable[String] = endedJobs.toArray(Array.empty[String]).toSeq

  /** The server has accepted this process. */
  def connected(): Unit = synchronized {
    held.foreach(welcome)
    held = None
  }

  /** The server's connection is gone. */
  def lost(): Unit = synchronized {
    open.foreach(_.close())
    open = None
    unsent.clear()
  }

  /** Passes on what the server says about a job. */
  def received(frame: Frame): Unit = {
    frame.kind match {
      case Kind.RunJob => if (!endedJobs.contains(frame.text("job"))) runningJobs.add(frame.text("job"))
      case Kind.JobStored => endedJobs.remove(frame.text("job"))
      case Kind.KillJob => cancelUntilEnded(frame.text("job"))
      case _ =>
    }
    send(frame)
  }

  /** Ends the processes within that time. */
  def stop(graceMs: Long): Unit = {
    stopping = true
    send(Frame(Kind.Stop, Frames.header().put("graceMs", graceMs), Frames.NoPayload))
  }

  /** Waits for the end of the processes, and ends those that are left. */
  def close(): Unit = {
    stopping = true
    if (!process.waitFor(PythonSide.LastWaitMs, TimeUnit.MILLISECONDS)) process.destroyForcibly()
    listener.close()
  }

  private def send(frame: Frame): Unit = synchronized {
    open match {
      case Some(connection) => connection.send(frame.kind, PythonSide.header(frame), frame.payload)
      case None => unsent.add(frame)
    }
  }

  private def acceptAll(): Unit =
    try while (true) accept(listener.accept())
    catch { case e: IOException => if (!stopping) log.error("The Python side cannot be reached", e) }

  private def accept(socket: Socket): Unit = {
    val connection = new Connection(new AcceptedWire(socket))
    daemon("hearth-python-link", () => serve(connection))
  }

  private def serve(connection: Connection): Unit =
    try {
      connection.readTimeout(Link.WelcomeTimeoutMs)
      introduced(connection, connection.read())
      connection.readTimeout(0)
      while (true) handle(connection, connection.read())
    } catch {
      case e: IOException => if (!stopping) log.debug("The Python side's connection has ended", e)
      case NonFatal(e) => log.error("The Python side's connection failed", e)
    } finally {
      connection.close()
      synchronized {
        if (open.contains(connection)) open = None
        if (held.contains(connection)) held = None
      }
    }

  private def introduced(connection: Connection, hello: Frame): Unit = {
    if (hello.kind != Kind.Hello || hello.text("token") != token)
      throw new IOException("a stranger dialled the Python side's port")
    gateways.keep(StartFile.elements(hello.header.path("workers")).map(_.asLong).toSet)
    synchronized {
      if (link().isDefined) welcome(connection) else held = Some(connection)
    }
  }

  private def welcome(connection: Connection): Unit = {
    connection.send(Kind.Welcome, Frames.header().put("protocol", 1).put("heartbeatMs", start.heartbeatMs))
    open = Some(connection)
    while (!unsent.isEmpty) send(unsent.poll())
  }

  private def handle(connection: Connection, frame: Frame): Unit = frame.kind match {
    case Kind.ContextReady => events.pythonReady()
    case Kind.ContextFailed =>
      stopping = true
      events.pythonFailed(Failure(frame.text("message"), frame.text("errorClass"), frame.text("stack")))
    case Kind.Gateway => threads.execute(() => openGateway(connection, frame.number("worker")))
    case Kind.WorkerGone => threads.execute(() => gateways.close(frame.number("worker"), frame.text("job")))
    case Kind.AgentPing => connection.send(Kind.ServerPong, PythonSide.header(frame))
    case Kind.AgentPong | Kind.Stopping =>
    case _ => passOn(frame)
  }

  private def passOn(frame: Frame): Unit = {
    if (frame.kind == Kind.JobEnded || frame.kind == Kind.JobRefused) {
      runningJobs.remove(frame.text("job"))
      endedJobs.add(frame.text("job"))
    }
    // Without a server, or if it is lost meanwhile, this is repeated to the next one.
    link().foreach(_.send(frame.kind, PythonSide.header(frame), frame.payload))
  }

  private def openGateway(connection: Connection, worker: Long): Unit = {
    val answer = Frames.header().put("worker", worker)
    try {
      val (port, secret) = gateways.open(worker)
      answer.put("port", port).put("secret", secret)
    } catch { case NonFatal(e) => answer.put("error", e.toString) }
    connection.send(Kind.GatewayReady, answer)
  }

  /** A job may swallow the cancellation of an action and submit the next one, until its process is gone. */
  private def cancelUntilEnded(job: String): Unit =
    if (runningJobs.contains(job) && !sc.isStopped) {
      sc.cancelJobGroup(job)
      timer.schedule((() => cancelUntilEnded(job)): Runnable, Jobs.KillAgainMs, TimeUnit.MILLISECONDS)
      ()
    }

  /** Its standard input is a pipe, whose end tells it that this process is gone. */
  private def launch(): Process = {
    Files.createDirectories(folder)
    val endpoint = folder.resolve("endpoint")
    Files.write(endpoint, s"127.0.0.1:${listener.getLocalPort}\n".getBytes(UTF_8))
    val file = PythonSide.privateFile(folder.resolve("agent.json"))
    Files.write(file, PythonSide.startFile(start, token, endpoint).getBytes(UTF_8))
    val builder = new ProcessBuilder(start.python, start.pythonAgent, file.toString)
      .directory(start.folder.toFile)
      .redirectOutput(ProcessBuilder.Redirect.INHERIT)
      .redirectError(ProcessBuilder.Redirect.INHERIT)
    PythonSide.sparkHome().foreach(builder.environment.put("SPARK_HOME", _))
    builder.start()
  }

  private def awaitExit(): Unit = {
    val code = process.waitFor()
    if (!stopping) events.pythonEnded(s"the Python side of the context ended with code $code")
  }

  private def daemon(name: String, work: () => Unit): Unit = {
    val thread = new Thread(() => work(), name)
    thread.setDaemon(true)
    thread.start()
  }
}

object PythonSide {
  private val Backlog = 8
  private val TokenBytes = 32

  /** How much longer than this process the Python side waits for a server: this process decides. */
  private val PatienceMs = 60000L
  private val LastWaitMs = 2000L

  /** What jobs get as their context, by the setting `context-factory`: the factory that makes it here. */
  val Factories: Map[String, String] = Map(
    "PythonSessionContextFactory" -> "SessionContextFactory",
    "PythonSQLContextFactory" -> "SessionContextFactory",
    "PythonHiveContextFactory" -> "SessionContextFactory",
    "PythonContextFactory" -> "DefaultSparkContextFactory",
    "PythonSparkContextFactory" -> "DefaultSparkContextFactory"
  ).map { case (python, jvm) => s"spark.jobserver.python.$python" -> s"spark.jobserver.context.$jvm" }

  private def header(frame: Frame): ObjectNode = frame.header match {
    case header: ObjectNode => header
    case other => throw new IOException(s"a header that is no object: ${other.getNodeType}")
  }

  private def newToken(): String = {
    val bytes = new Array[Byte](TokenBytes)
    new SecureRandom().nextBytes(bytes)
    bytes.map(byte => f"$byte%02x").mkString
  }

  /** The server's start file, with this process in the place of the server. */
  private def startFile(start: StartFile, token: String, endpoint: Path): String = {
    val json = Frames.parse(Files.readAllBytes(start.folder.resolve("agent.json"))) match {
      case json: ObjectNode => json
      case _ => throw new IOException("the start file is no object")
    }
    json
      .put("token", token)
      .put("endpointFile", endpoint.toString)
      .put("endpointSocket", "")
      .put("orphanTimeoutMs", start.orphanTimeoutMs + PatienceMs)
      .put("folder", start.folder.toString)
    val jars = json.putArray("jars")
    start.jars.filterNot(_.endsWith(".jar")).foreach(jars.add)
    json.toString
  }

  private def privateFile(path: Path): Path = {
    Files.deleteIfExists(path)
    Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
  }

  /** The distribution that this process runs. */
  private def sparkHome(): Option[String] =
    sys.env.get("SPARK_HOME").orElse(
      Option(classOf[SparkContext].getProtectionDomain.getCodeSource)
        .map(source => new java.io.File(source.getLocation.toURI).getParentFile.getParent)
    )
}

/** The wire of a connection that was accepted. */
private final class AcceptedWire(socket: Socket) extends Wire {
  socket.setTcpNoDelay(true)
  private val output = socket.getOutputStream
  override val input: InputStream = socket.getInputStream
  override def write(bytes: Array[Byte]): Unit = output.write(bytes)
  override def readTimeout(milliseconds: Int): Unit = socket.setSoTimeout(milliseconds)
  override def close(): Unit = socket.close()
}
