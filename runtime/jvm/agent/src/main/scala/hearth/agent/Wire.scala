package hearth.agent

import java.io.InputStream
import java.net.{InetSocketAddress, Socket}

/** Reads and writes the bytes of a connection. One thread reads; any may write, one at a time, interrupted or not. */
trait Wire {

  /** Throws a [[java.io.IOException]] at the end, and when nothing arrives within the time set by [[readTimeout]]. */
  val input: InputStream

  /** @throws java.io.IOException if the server is gone */
  def write(bytes: Array[Byte]): Unit

  def readTimeout(milliseconds: Int): Unit

  /** Closes the wire; threads that read or write get an error. Any thread may call it, any number of times. */
  def close(): Unit
}

final class TcpWire(host: String, port: Int) extends Wire {
  private val socket = new Socket
  socket.setTcpNoDelay(true)
  socket.connect(new InetSocketAddress(host, port), TcpWire.ConnectTimeoutMs)

  private val output = socket.getOutputStream
  override val input: InputStream = socket.getInputStream
  override def write(bytes: Array[Byte]): Unit = output.write(bytes)
  override def readTimeout(milliseconds: Int): Unit = socket.setSoTimeout(milliseconds)
  override def close(): Unit = socket.close()
}

object TcpWire {
  val ConnectTimeoutMs = 5000
}
