package hearth.agent

import java.io.{IOException, InterruptedIOException, OutputStream, RandomAccessFile}
import java.nio.ByteBuffer
import java.nio.file.{Files, Path}
import java.util.Arrays
import java.util.concurrent.locks.ReentrantLock

/** A result of more bytes than its job was allowed. */
final class ResultTooLarge(size: String, limit: Long)
    extends RuntimeException(s"The result has $size bytes of JSON, which is over the limit of $limit bytes")

/**
 * A result from its first byte until the server has stored it. What one frame holds stays in memory, what comes before
 * that goes into a file: so it can be said again to a server that comes back, whatever its size.
 *
 * {{{
 *   job's thread -- write --> buffer -- full, or waits for too long --> file -- read --> delivery, to the server
 *        ^                                                                                  |
 *        +------------- of a stream: goes on when what is read has come near ---------------+
 * }}}
 *
 * @param limit    bytes; what comes after them is counted, not kept
 * @param makeFile makes an empty file, should one be needed
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

  /** From here on it is read while it is written. */
  def stream(): Unit = synchronized { streamed = true }

  def isStream: Boolean = synchronized(streamed)

  /**
   * Does one step of writing what may be a stream; then waits for its reader, should that be far behind.
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
   * Itself, after the last byte.
   *
   * @throws hearth.agent.ResultTooLarge when it is over the limit
   */
  def checked(): ResultBytes = {
    if (total > limit) throw new ResultTooLarge(total.toString, limit)
    this
  }

  /** Nothing follows, be it whole or not: who waits for more waits in vain. */
  def end(): Unit = {
    // Not while somebody empties the buffers.
    writing.lock()
    try synchronized {
        ended = true
        notifyAll()
      }
    finally writing.unlock()
  }

  /** How many bytes are in the file behind that offset; waits for some while more may follow and `wanted` says so. */
  def await(offset: Long, wanted: () => Boolean): Long = {
    while (!isSettled(offset) && wanted()) flushIfIdle()
    synchronized(stored - offset)
  }

  /** Bytes of the file, which are there. Who reads them is done with those before. */
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

  /** What is not in the file of one that has ended. */
  def rest: Array[Byte] = Arrays.copyOf(buffer, used)

  /** Nobody will ask for it any more. */
  def discard(): Unit = synchronized {
    if (file != null) {
      file.close()
      file = null
      Files.deleteIfExists(path)
    }
  }

  /** Whether there is something behind that offset, or will never be; waits for it, but not for long. */
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

  /** A job that returns something endless can be killed only if somebody looks. */
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

  /** What one frame of a result carries at most; a power of two times the first buffer. */
  val ChunkSize: Int = 256 * 1024

  /** How far a job may be ahead of who reads its stream, bytes. */
  val Ahead: Long = 1024 * 1024

  private val FirstBuffer = 512

  /** How long a byte of a stream waits for others that go along with it. */
  private val LongestInBufferMs = 50L
}
