package hearth.agent

import java.io.{InputStream, OutputStream}
import java.net.{ProtocolFamily, StandardProtocolFamily}
import java.nio.channels.{Channels, ServerSocketChannel}
import java.nio.file.{Files, Path}

/** A server at a Unix socket. By reflection, as tests are compiled for Java 8 as well. */
final class UnixServer {
  private val folder = Files.createTempDirectory("unix")
  val path: Path = folder.resolve("agent.sock")
  private val channel = classOf[ServerSocketChannel]
    .getMethod("open", classOf[ProtocolFamily])
    .invoke(null, StandardProtocolFamily.valueOf("UNIX"))
    .asInstanceOf[ServerSocketChannel]
  channel.bind(UnixWire.address(path.toString))

  /** To be used by one thread. */
  def accept(): (InputStream, OutputStream) = {
    val peer = channel.accept()
    (Channels.newInputStream(peer), Channels.newOutputStream(peer))
  }

  /** Leaves the file, as a server does that is killed. */
  def abandon(): Unit = channel.close()

  def close(): Unit = {
    channel.close()
    Files.deleteIfExists(path)
    Files.delete(folder)
  }
}

object UnixServer {

  /** Before Java 16 there are no Unix sockets. */
  def isPossible: Boolean =
    try { UnixWire.address("/"); true }
    catch { case _: ReflectiveOperationException => false }
}
