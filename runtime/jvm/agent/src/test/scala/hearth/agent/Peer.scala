package hearth.agent

import java.io.{DataInputStream, InputStream, OutputStream}
import java.net.ServerSocket

import com.fasterxml.jackson.databind.node.ObjectNode
import org.junit.Assert.assertEquals

/** The server's side of a connection. */
final class Peer(input: InputStream, output: OutputStream) {
  private val in = new DataInputStream(input)
  def read(): Frame = Frames.read(in)
  def send(kind: Int, header: ObjectNode): Unit = output.write(Frames.encode(kind, header))
  def welcome(heartbeatMs: Int): Peer = {
    assertEquals(Kind.Hello, read().kind)
    send(Kind.Welcome, Frames.header().put("protocol", 1).put("heartbeatMs", heartbeatMs))
    this
  }
  def close(): Unit = output.close()
}

object Peer {
  private val TimeoutMs = 20000

  /** The next agent that dials. */
  def accept(server: ServerSocket): Peer = {
    server.setSoTimeout(TimeoutMs)
    val socket = server.accept()
    socket.setSoTimeout(TimeoutMs)
    new Peer(socket.getInputStream, socket.getOutputStream)
  }
}
