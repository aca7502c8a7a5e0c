package hearth.agent

import java.io.IOException

import scala.annotation.tailrec

/** Counts how many bytes of a result may be sent over one connection. */
final class Credit(initial: Long) {
  private var available = initial
  private var closed = false
  private var waived = false

  def add(bytes: Long): Unit = synchronized {
    available += bytes
    notifyAll()
  }

  def close(): Unit = synchronized {
    closed = true
    notifyAll()
  }

  /** Ends all waiting, since nothing more will be sent. */
  def waive(): Unit = synchronized {
    waived = true
    notifyAll()
  }

  /** Whether the connection is not lost and the result is still wanted. */
  def isOpen: Boolean = synchronized(!closed)

  /** Waits for credit and takes at most that many bytes of it; 0 if it was closed or waived meanwhile. */
  def take(atMost: Int): Int = synchronized {
    while (!closed && !waived && available <= 0) wait()
    val taken = if (closed || waived) 0 else math.min(available, atMost.toLong).toInt
    available -= taken
    taken
  }
}

/** Sends the end of a job, and its result, to the server. */
object Delivery {

  /**
   * Sends the end; a large result is sent in parts, as far as there is credit. Gives up when the connection is lost. If
   * the result is a stream, this begins before the job has ended.
   */
  def deliver(job: Job, connection: Connection, credit: Credit): Unit = {
    val result = job.result
    if (result == null || sendParts(job, result, connection, credit)) {
      job.awaitEnd()
      if (credit.isOpen) tell(job, connection)
    }
  }

  private def tell(job: Job, connection: Connection): Unit = job.outcome match {
    case Refused(reason, failure) =>
      connection.send(Kind.JobRefused, failure.writeTo(Frames.job(job.id).put("reason", reason)))
    case Finished(result) =>
      connection.send(Kind.JobEnded, Frames.job(job.id).put("outcome", "finished"), result.rest)
    case Errored(failure) => ended(job, connection, "error", failure)
    case Killed(failure) => ended(job, connection, "killed", failure)
  }

  /** Sends the bytes in the result's file until the result or its job has ended; false if the connection was lost. */
  private def sendParts(job: Job, result: ResultBytes, connection: Connection, credit: Credit): Boolean = {
    val header = Frames.job(job.id)
    if (result.isStream) header.put("streamed", true)

    @tailrec def sendFrom(offset: Long): Boolean = {
      val ready = if (job.failed) 0 else result.await(offset, () => credit.isOpen)
      val length = if (ready == 0) 0 else credit.take(math.min(ready, ResultBytes.ChunkSize.toLong).toInt)
      if (length == 0) credit.isOpen
      else
        connection.send(Kind.ResultPart, header, result.read(offset, length)) && sendFrom(offset + length)
    }
    try sendFrom(0)
    catch {
      case error: IOException =>
        job.lose(Failure.of(error))
        true
    }
  }

  private def ended(job: Job, connection: Connection, outcome: String, failure: Failure): Unit =
    connection.send(Kind.JobEnded, failure.writeTo(Frames.job(job.id).put("outcome", outcome)))
}
