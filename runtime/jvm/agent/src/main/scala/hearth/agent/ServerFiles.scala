package hearth.agent

import java.io.{File, IOException, OutputStream}
import java.nio.file.{Files, NoSuchFileException, Path, Paths, StandardCopyOption}
import java.security.{DigestOutputStream, MessageDigest}
import java.util.Comparator
import java.util.concurrent.{CompletableFuture, ConcurrentHashMap, ExecutionException, TimeUnit, TimeoutException}
import java.util.concurrent.atomic.AtomicLong

import scala.annotation.tailrec

import com.fasterxml.jackson.databind.node.ObjectNode

/**
 * Gets files of the server for jobs. This process may not be able to read them itself, because it runs on another
 * machine, in a container, or as another user. They are then sent over the link, a part at a time, and copies are kept
 * until the context ends.
 *
 * @param folder    where copies are kept; made with the first copy
 * @param timeoutMs how long the server may take for one part, including the time to connect again
 */
final class ServerFiles(folder: Path, connection: () => Option[Connection], timeoutMs: Long) {

  private final class Request(val header: ObjectNode) {
    val answer = new CompletableFuture[Frame]
  }

  private val requests = new ConcurrentHashMap[Long, Request]
  private val copies = new ConcurrentHashMap[String, CompletableFuture[Path]]
  private val ids = new AtomicLong

  /**
   * A file that was uploaded to `/data`, by the path that the upload was answered with, or by its name alone.
   *
   * @throws java.io.IOException when there is no such file, or it cannot be read
   */
  def data(job: String, name: String): File = {
    val parts = name.split('/')
    if (parts.contains("..") || parts.lastOption.forall(_.isEmpty))
      throw new IOException(s"'$name' is no data file: POST /data answers, and GET /data lists, the path of each")
    val here = new File(name)
    if (here.isAbsolute && here.isFile && here.canRead) here
    else copied(name, folder.resolve("data").resolve(parts.last))(fetch(_, job, _.put("data", name))).toFile
  }

  /**
   * A binary of that job, as a file that this process can read.
   *
   * @throws java.io.IOException when it cannot be read
   */
  def binary(job: String, binary: Binary): Binary =
    if (Files.isReadable(Paths.get(binary.path))) binary
    else {
      val copy = copied(binary.digest, folder.resolve("binaries").resolve(binary.digest + ".jar")) { file =>
        val digest = fetch(file, job, _.put("digest", binary.digest))
        if (digest != binary.digest)
          throw new IOException(s"${binary.path} came with the digest $digest, not ${binary.digest}")
      }
      binary.copy(path = copy.toString)
    }

  /** Takes a part that has arrived. */
  def received(frame: Frame): Unit =
    Option(requests.remove(frame.number("request"))).foreach(_.answer.complete(frame))

  /** Repeats the requests that an earlier connection may have lost. */
  def repeatAll(connection: Connection): Unit =
    requests.values.forEach { request => connection.send(Kind.ReadFile, request.header); () }

  /** Removes all copies. */
  def close(): Unit =
    if (Files.exists(folder)) {
      val all = Files.walk(folder)
      try all.sorted(Comparator.reverseOrder[Path]).forEach(path => { Files.deleteIfExists(path); () })
      finally all.close()
    }

  /** The one copy of the file with that name; other threads that need it wait for it. */
  @tailrec private def copied(name: String, target: Path)(fetch: Path => Unit): Path = {
    val mine = new CompletableFuture[Path]
    val other = copies.putIfAbsent(name, mine)
    if (other == null) make(name, target, mine)(fetch)
    else {
      val found =
        try Some(other.get)
        // Its job may have been killed meanwhile, so that this one's own turn may end better.
        catch { case _: ExecutionException => None }
      if (found.isDefined) found.get else copied(name, target)(fetch)
    }
  }

  private def make(name: String, target: Path, copy: CompletableFuture[Path])(fetch: Path => Unit): Path = {
    Files.createDirectories(target.getParent)
    val part = Files.createTempFile(target.getParent, "part-", "")
    try {
      fetch(part)
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE)
      copy.complete(target)
      target
    } catch {
      case error: Throwable =>
        Files.deleteIfExists(part)
        copies.remove(name, copy)
        copy.completeExceptionally(error)
        throw error
    }
  }

  /** Writes the requested content into a file and returns its digest. */
  private def fetch(into: Path, job: String, what: ObjectNode => ObjectNode): String = {
    val digest = MessageDigest.getInstance("SHA-256")
    val out = new DigestOutputStream(Files.newOutputStream(into), digest)
    try copyFrom(0, job, what, out)
    finally out.close()
    digest.digest().map(byte => f"$byte%02x").mkString
  }

  @tailrec private def copyFrom(offset: Long, job: String, what: ObjectNode => ObjectNode, out: OutputStream): Unit = {
    val block = ask(what(Frames.job(job)).put("offset", offset).put("length", ServerFiles.BlockSize))
    val error = block.text("error")
    if (error.nonEmpty) throw new NoSuchFileException(error)
    out.write(block.payload)
    val next = offset + block.payload.length
    if (next < block.number("size")) {
      if (block.payload.length == 0) throw new IOException("The server sent no more of the file than a part")
      copyFrom(next, job, what, out)
    }
  }

  private def ask(header: ObjectNode): Frame = {
    val id = ids.incrementAndGet()
    val request = new Request(header.put("request", id))
    requests.put(id, request)
    // Without a connection, or when it is lost, the next one repeats it.
    connection().foreach(_.send(Kind.ReadFile, request.header))
    try request.answer.get(timeoutMs, TimeUnit.MILLISECONDS)
    catch {
      case _: TimeoutException => throw new IOException(s"The server did not send the file within $timeoutMs ms")
    } finally requests.remove(id)
  }
}

object ServerFiles {

  /** How many bytes one request asks for, which is the most that one frame has. */
  val BlockSize: Int = 1024 * 1024

  val TimeoutMs: Long = 60000
}
