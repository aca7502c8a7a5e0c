package hearth.agent

import java.io.{InterruptedIOException, OutputStream}

import scala.collection.mutable.ArrayBuffer

/** A result of more bytes than its job was allowed. */
final class ResultTooLarge(size: Long, limit: Long)
    extends RuntimeException(s"The result has $size bytes of JSON, which is over the limit of $limit bytes")

/**
 * Collects a result in chunks that fit a frame.
 *
 * @param limit bytes; what comes after them is counted, not kept
 */
final class ResultBytes(limit: Long) extends OutputStream {
  private val full = ArrayBuffer.empty[Array[Byte]]
  private var chunk = new Array[Byte](512)
  private var used = 0
  private var total = 0L

  override def write(byte: Int): Unit = {
    makeRoom()
    chunk(used) = byte.toByte
    used += 1
    total += 1
  }

  override def write(bytes: Array[Byte], offset: Int, length: Int): Unit = {
    var written = 0
    while (written < length) {
      makeRoom()
      val count = math.min(length - written, chunk.length - used)
      System.arraycopy(bytes, offset + written, chunk, used, count)
      used += count
      written += count
    }
    total += length
  }

  /**
   * The chunks, at least one, each at most [[ResultBytes.ChunkSize]].
   *
   * @throws hearth.agent.ResultTooLarge when it is over the limit
   */
  def chunks(): Seq[Array[Byte]] = {
    if (total > limit) throw new ResultTooLarge(total, limit)
    (full :+ java.util.Arrays.copyOf(chunk, used)).toVector
  }

  private def makeRoom(): Unit =
    if (used == chunk.length) {
      if (used < ResultBytes.ChunkSize) chunk = java.util.Arrays.copyOf(chunk, used * 2)
      else nextChunk()
    }

  private def nextChunk(): Unit = {
    // A job that returns something endless can be killed only if somebody looks.
    if (Thread.currentThread.isInterrupted) throw new InterruptedIOException("Interrupted while writing the result")
    if (total <= limit) {
      full += chunk
      chunk = new Array[Byte](ResultBytes.ChunkSize)
    } else {
      full.clear()
    }
    used = 0
  }
}

object ResultBytes {

  /** What one frame of a result carries at most; a power of two times the first chunk. */
  val ChunkSize: Int = 256 * 1024
}
