package hearth.agent

import java.io.{DataInputStream, IOException}
import java.nio.ByteBuffer
import java.nio.charset.StandardCharsets.UTF_8

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import com.fasterxml.jackson.databind.node.ObjectNode

/** The kinds of frames, numbered as in the protocol. */
object Kind {
  val Hello = 1
  val ContextReady = 2
  val ContextFailed = 3
  val JobStarted = 4
  val JobRefused = 5
  val JobProgress = 6
  val ResultPart = 8
  val JobEnded = 9
  val AgentPong = 10
  val AgentPing = 11
  val Stopping = 12
  val ReadFile = 13
  // From the Python side of this process's context only.
  val Gateway = 14
  val WorkerGone = 15

  val Welcome = 64
  val Reject = 65
  val RunJob = 66
  val KillJob = 67
  val Stop = 68
  val ServerPing = 69
  val ServerPong = 70
  val Credit = 71
  val JobStored = 72
  val FileBlock = 73
  val GatewayReady = 74
}

/** A frame that was received. */
final case class Frame(kind: Int, header: JsonNode, payload: Array[Byte]) {
  def text(key: String): String = header.path(key).asText("")
  def number(key: String): Long = header.path(key).asLong(0)
}

/** The layout of frames: `N (u32) kind (u8) H (u24) header payload`, big endian. */
object Frames {
  val MaxFrame: Int = 16 * 1024 * 1024
  val MaxHeader: Int = 1024 * 1024
  val NoPayload: Array[Byte] = Array.emptyByteArray

  private val mapper = new ObjectMapper()

  /** An empty header to fill. */
  def header(): ObjectNode = mapper.createObjectNode()

  def job(id: String): ObjectNode = header().put("job", id)

  def encode(kind: Int, header: ObjectNode, payload: Array[Byte] = NoPayload): Array[Byte] = {
    // By way of a String: writing bytes Jackson fails on half a surrogate pair, which a job's message may hold.
    val head = mapper.writeValueAsString(header).getBytes(UTF_8)
    ByteBuffer
      .allocate(8 + head.length + payload.length)
      .putInt(4 + head.length + payload.length)
      .putInt(kind << 24 | head.length)
      .put(head)
      .put(payload)
      .array()
  }

  def parse(json: Array[Byte]): JsonNode = mapper.readTree(json)

  /**
   * Reads the next frame.
   *
   * @throws java.io.IOException at the end of the stream, and when the peer does not follow the protocol
   */
  def read(in: DataInputStream): Frame = {
    val length = in.readInt()
    val kindAndHeader = in.readInt()
    val kind = kindAndHeader >>> 24
    val headerLength = kindAndHeader & 0xffffff
    if (length < 4 || length > MaxFrame || headerLength > MaxHeader || headerLength > length - 4)
      throw new IOException(s"malformed frame: length $length, header length $headerLength")
    val header = readBytes(in, headerLength)
    Frame(kind, parse(header), readBytes(in, length - 4 - headerLength))
  }

  private def readBytes(in: DataInputStream, length: Int): Array[Byte] = {
    val bytes = new Array[Byte](length)
    in.readFully(bytes)
    bytes
  }
}
