package hearth.agent

import java.io.{IOException, InterruptedIOException, OutputStream, RandomAccessFile}
import java.nio.ByteBuffer
import java.nio.file.{Files, Path}
import java.util.Arrays
import java.util.concurrent.locks.ReentrantLock

/** The result has more bytes than its job was allowed. */
final class ResultTooLarge(size: String, limit: Long)
    extends RuntimeException(s"The result has $size bytes of JSON, which is over the limit of $limit bytes")

/**
 * A result, from its first byte until the server has stored it. Its last bytes, up to what fits into one frame, stay in
 * memory; all bytes before them go into a file. So a result of any size can be sent again to a server that comes back.
 *
 * {{{
 *   job's thread -- write --> buffer -- full, or waits for too long --> file -- read --> delivery, to the server
 *        ^                                                                                  |
 *        +------------- a stream goes on when the reader is near enough --------------------+
 * }}}
 *
 * @param limit    in bytes; further bytes are counted, but not kept
 * @param makeFile makes an empty file if one is needed
 */
final class ResultBytes(limit: Long, makeFile: () => Path) extends OutputStream {

  // Held by who writes, so that of a stream somebody else can empty the buffers between two writes.
  private val writing = new ReentrantLock
  private var buffer = new Array[Byte](ResultBytes.FirstBuffer)
  private var used = 0
  private var total = 0L
  private var spilled = false
  private var flushUpstream: () => Unit = () => ()

  // Of the monitor, for the reader needs them.
  private var path: Path = _
  private var file: RandomAccessFile = _
  private var stored = 0L
  private var read = 0L
  private var streamed = false
  private var ended = false

  override def write(byte: Int): Unit = if (counted(1)) {
    makeRoom()
    buffer(used) = byte.toByte
    used += 1
  }

  override def write(bytes: Array[Byte], offset: Int, length: Int): Unit = if (counted(length)) {
    var written = 0
    while (written < length) {
      makeRoom()
      val count = math.min(length - written, buffer.length - used)
      System.arraycopy(bytes, offset + written, buffer, used, count)
      used += count
      written += count
    }
  }

  /** From now on the result is read while it is written. */
  def stream(): Unit = synchronized { streamed = true }

  def isStream: Boolean = synchronized(streamed)

  /**
   * Does one step of writing a result that may be a stream, and then waits for its reader if that is far behind.
   *
   * @param flush empties the buffers that lie between the step and this
   */
  def step(flush: () => Unit)(work: => Unit): Unit = {
    writing.lockInterruptibly()
    val ahead =
      try {
        flushUpstream = flush
        spilled = false
        work
        spilled
      } finally writing.unlock()
    if (ahead) awaitReader()
  }

  /**
   * Ends the result after its last byte, and returns it.
   *
   * @throws hearth.agent.ResultTooLarge when it is over the limit
   */
  def checked(): ResultBytes = {
    if (total > limit) throw new ResultTooLarge(total.toString, limit)
    this
  }

  /** Ends all waiting for more bytes, since none will follow, whether or not the result is complete. */
  def end(): Unit = {
    // Not while somebody empties the buffers.
    writing.lock()
    try synchronized {
        ended = true
        notifyAll()
      }
    finally writing.unlock()
  }

  /** How many bytes the file has behind that offset. Waits for some while more may follow and `wanted` is true. */
  def await(offset: Long, wanted: () => Boolean): Long = {
    while (!isSettled(offset) && wanted()) flushIfIdle()
    synchronized(stored - offset)
  }

  /** Reads bytes that the file has. The reader must not need the bytes before them any more. */
  def read(offset: Long, length: Int): Array[Byte] = {
    val bytes = ByteBuffer.allocate(length)
    val channel = synchronized {
      if (file == null) throw new IOException("The result was let go of")
      file.getChannel
    }
    while (bytes.hasRemaining && channel.read(bytes, offset + bytes.position()) >= 0) {}
    if (bytes.hasRemaining) throw new IOException("The file of the result was cut")
    synchronized {
      // A server that comes back begins anew, which holds nobody up.
      read = math.max(read, offset)
      notifyAll()
    }
    bytes.array
  }

  /** The bytes of an ended result that are not in the file. */
  def rest: Array[Byte] = Arrays.copyOf(buffer, used)

  /** Frees the result, since nobody will ask for it any more. */
  def discard(): Unit = synchronized {
    if (file != null) {
      file.close()
      file = null
      Files.deleteIfExists(path)
    }
  }

  /** Waits a short time for bytes behind that offset; true if there are some, or if there will never be any. */
  private def isSettled(offset: Long): Boolean = synchronized {
    if (stored == offset && !ended) wait(ResultBytes.LongestInBufferMs)
    stored > offset || ended
  }

  private def flushIfIdle(): Unit =
    // Who holds it is writing.
    if (writing.tryLock()) {
      try if (!synchronized(ended)) {
        flushUpstream()
        if (used > 0) spill()
      } catch {
        // The writer meets it too, and it is the one who tells.
        case _: IOException | _: ResultTooLarge => ()
      } finally writing.unlock()
    }

  private def counted(length: Int): Boolean = {
    total += length
    if (total > limit) {
      if (isStream) throw new ResultTooLarge(s"at least $total", limit)
      buffer = Array.emptyByteArray
      used = 0
      checkInterrupted()
    }
    total <= limit
  }

  private def makeRoom(): Unit =
    if (used == buffer.length) {
      if (used < ResultBytes.ChunkSize) buffer = Arrays.copyOf(buffer, used * 2)
      else {
        checkInterrupted()
        spill()
      }
    }

  /** Looks whether the job was killed, because a job with an endless result could not be killed otherwise. */
  private def checkInterrupted(): Unit =
    if (Thread.currentThread.isInterrupted) throw new InterruptedIOException("Interrupted while writing the result")

  private def spill(): Unit = synchronized {
    if (file == null) {
      path = makeFile()
      file = new RandomAccessFile(path.toFile, "rw")
    }
    // There may be a part of it already, of a time when the disk was full.
    file.seek(stored)
    file.write(buffer, 0, used)
    stored += used
    used = 0
    spilled = true
    notifyAll()
  }

  private def awaitReader(): Unit = synchronized {
    while (streamed && stored - read > ResultBytes.Ahead) wait()
  }
}

object ResultBytes {

  /** How many bytes of a result one frame has at most; a power of two times the size of the first buffer. */
  val ChunkSize: Int = 256 * 1024

  /** How many bytes a job may be ahead of the reader of its stream. */
  val Ahead: Long = 1024 * 1024

  private val FirstBuffer = 512

  /** How long a byte of a stream waits for others, to be sent together with them. */
  private val LongestInBufferMs = 50L
}
