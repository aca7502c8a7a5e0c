package hearth.agent

import java.util.Arrays

import scala.annotation.tailrec

/** How many bytes of a result may go out over one connection. */
final class Credit(initial: Long) {
  private var available = initial
  private var closed = false

  def add(bytes: Long): Unit = synchronized {
    available += bytes
    notifyAll()
  }

  def close(): Unit = synchronized {
    closed = true
    notifyAll()
  }

  /** Waits until something may go and takes at most that many bytes; 0 if the connection was lost meanwhile. */
  def take(atMost: Int): Int = synchronized {
    while (!closed && available <= 0) wait()
    val taken = if (closed) 0 else math.min(available, atMost.toLong).toInt
    available -= taken
    taken
  }
}

/** Tells the server how a job ended. */
object Delivery {

  /** Sends it, a large result in parts against credit; gives up when the connection is lost. */
  def deliver(job: Job, connection: Connection, credit: Credit): Unit = job.outcome match {
    case Refused(reason, failure) =>
      connection.send(Kind.JobRefused, failure.writeTo(Frames.job(job.id).put("reason", reason)))
    case Finished(chunks) =>
      if (chunks.init.forall(sendParts(job, connection, credit, _)))
        connection.send(Kind.JobEnded, Frames.job(job.id).put("outcome", "finished"), chunks.last)
    case Errored(failure) => ended(job, connection, "error", failure)
    case Killed(failure) => ended(job, connection, "killed", failure)
  }

  /** Sends one chunk in as many parts as the credit makes of it; false if the connection was lost. */
  @tailrec private def sendParts(
      job: Job,
      connection: Connection,
      credit: Credit,
      chunk: Array[Byte],
      offset: Int = 0
  ): Boolean =
    if (offset == chunk.length) true
    else {
      val length = credit.take(chunk.length - offset)
      val part = if (length == chunk.length) chunk else Arrays.copyOfRange(chunk, offset, offset + length)
      if (length > 0 && connection.send(Kind.ResultPart, Frames.job(job.id), part))
        sendParts(job, connection, credit, chunk, offset + length)
      else false
    }

  private def ended(job: Job, connection: Connection, outcome: String, failure: Failure): Unit =
    connection.send(Kind.JobEnded, failure.writeTo(Frames.job(job.id).put("outcome", outcome)))
}
