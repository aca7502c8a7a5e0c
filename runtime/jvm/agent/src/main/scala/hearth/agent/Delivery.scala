package hearth.agent

import java.io.IOException

import scala.annotation.tailrec

/** How many bytes of a result may go out over one connection. */
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

  /** Nothing more will go: who waits for it need not. */
  def waive(): Unit = synchronized {
    waived = true
    notifyAll()
  }

  /** Whether the connection was not lost, and somebody still wants to know. */
  def isOpen: Boolean = synchronized(!closed)

  /** Waits until something may go and takes at most that many bytes; 0 if it was closed or waived meanwhile. */
  def take(atMost: Int): Int = synchronized {
    while (!closed && !waived && available <= 0) wait()
    val taken = if (closed || waived) 0 else math.min(available, atMost.toLong).toInt
    available -= taken
    taken
  }
}

/** Tells the server how a job ended. */
object Delivery {

  /**
   * Sends it, a large result in parts against credit; gives up when the connection is lost. Of a job whose result is a
   * stream it begins before the end.
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

  /** Sends what is in the result's file until it or its job has ended; false if the connection was lost. */
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
