package hearth.agent

import java.io.InputStream
import java.net.{SocketAddress, SocketTimeoutException}
import java.nio.ByteBuffer
import java.nio.channels.{CancelledKeyException, ClosedChannelException, ClosedSelectorException}
import java.nio.channels.{SelectionKey, Selector, SocketChannel}
import java.util.concurrent.TimeUnit

import scala.util.control.NonFatal

/**
 * A wire over a Unix socket.
 *
 * Its channel does not block. The threads of jobs write to it, and a kill interrupts them; an interrupt would close a
 * channel in which a thread blocks or is about to. A selector waits instead, which an interrupt only wakes. There is
 * one for reading and one for writing, so that neither waits for the other.
 */
final class UnixWire private (channel: SocketChannel) extends Wire {
  channel.configureBlocking(false)
  private val readable = selector(SelectionKey.OP_READ)
  private val writable = selector(SelectionKey.OP_WRITE)
  @volatile private var readTimeoutMs = 0L

  override val input: InputStream = new InputStream {

    override def read(): Int = {
      val one = new Array[Byte](1)
      if (read(one, 0, 1) < 0) -1 else one(0) & 0xff
    }

    override def read(bytes: Array[Byte], offset: Int, length: Int): Int =
      fill(ByteBuffer.wrap(bytes, offset, math.min(length, UnixWire.MaxCall)))
  }

  private def fill(buffer: ByteBuffer): Int = {
    var count = channel.read(buffer)
    if (count == 0 && buffer.hasRemaining) {
      val deadline = System.nanoTime + TimeUnit.MILLISECONDS.toNanos(readTimeoutMs)
      while (count == 0) {
        await(readable, if (readTimeoutMs == 0) 0 else left(deadline))
        count = channel.read(buffer)
      }
    }
    count
  }

  /** In milliseconds, at least 1, because a selector takes 0 for no limit. */
  private def left(deadline: Long): Long = {
    val ns = deadline - System.nanoTime
    if (ns <= 0) throw new SocketTimeoutException("Read timed out")
    TimeUnit.NANOSECONDS.toMillis(ns) + 1
  }

  override def write(bytes: Array[Byte]): Unit = {
    var done = 0
    while (done < bytes.length) {
      val count = channel.write(ByteBuffer.wrap(bytes, done, math.min(bytes.length - done, UnixWire.MaxCall)))
      if (count == 0) await(writable, 0)
      done += count
    }
  }

  override def readTimeout(milliseconds: Int): Unit = readTimeoutMs = milliseconds.toLong

  override def close(): Unit = {
    channel.close()
    // They hold the channel's descriptor, and whoever waits.
    readable.close()
    writable.close()
  }

  private def selector(operation: Int): Selector = {
    val made = Selector.open()
    channel.register(made, operation)
    made
  }

  /** Clears an interrupt, with which a selector would not wait, and sets it again afterwards. */
  private def await(selector: Selector, milliseconds: Long): Unit = {
    val interrupted = Thread.interrupted()
    try {
      selector.select(milliseconds)
      selector.selectedKeys.clear()
    } catch {
      case _: ClosedSelectorException | _: CancelledKeyException => throw new ClosedChannelException
    } finally if (interrupted) Thread.currentThread.interrupt()
  }
}

object UnixWire {

  /** How many bytes one call of the system writes; Java keeps memory of that size for each thread that writes. */
  private val MaxCall = 128 * 1024

  /** Connects to the server's socket at that path; none if that fails, as in a container or before Java 16. */
  def connect(path: String): Option[UnixWire] =
    if (path.isEmpty) None
    else
      try Some(new UnixWire(SocketChannel.open(address(path))))
      catch { case NonFatal(_) => None }

  /** Uses reflection, because the agent is compiled for Java 8, too. */
  private[agent] def address(path: String): SocketAddress =
    Class
      .forName("java.net.UnixDomainSocketAddress")
      .getMethod("of", classOf[String])
      .invoke(null, path)
      .asInstanceOf[SocketAddress]
}
