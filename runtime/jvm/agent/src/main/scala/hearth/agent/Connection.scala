package hearth.agent

import java.io.{BufferedInputStream, DataInputStream, IOException}
import java.util.concurrent.atomic.AtomicLong

import com.fasterxml.jackson.databind.node.ObjectNode

/** One connection to the server. Frames may be sent from any thread; one thread reads. */
final class Connection(wire: Wire) {
  private val in = new DataInputStream(new BufferedInputStream(wire.input, 64 * 1024))
  private val pings = new AtomicLong
  @volatile private var lastSent = System.nanoTime

  /**
   * Sends a frame in one write.
   *
   * @return false if the connection is gone. It is closed then, and everything that matters is sent again over the next
   *         one
   */
  def send(kind: Int, header: ObjectNode, payload: Array[Byte] = Frames.NoPayload): Boolean = {
    val bytes = Frames.encode(kind, header, payload)
    try {
      wire.synchronized(wire.write(bytes))
      lastSent = System.nanoTime
      true
    } catch {
      case _: IOException =>
        close()
        false
    }
  }

  /**
   * Waits for the next frame and returns it.
   *
   * @throws java.io.IOException when there will be no frame, or none has arrived within the time set by [[readTimeout]]
   */
  def read(): Frame = Frames.read(in)

  def readTimeout(milliseconds: Int): Unit = wire.readTimeout(milliseconds)

  /** Sends a ping if nothing else was sent for that time. */
  def pingIfIdle(milliseconds: Long): Unit =
    if (System.nanoTime - lastSent >= milliseconds * 1000000)
      send(Kind.AgentPing, Frames.header().put("seq", pings.incrementAndGet()))

  /** Closes the connection; threads that read or write get an error. */
  def close(): Unit = wire.close()
}
