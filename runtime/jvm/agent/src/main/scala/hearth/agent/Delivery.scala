package hearth.agent

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

  /** Waits until that many bytes may go; false if the connection was lost meanwhile. */
  def take(bytes: Long): Boolean = synchronized {
    while (!closed && available < bytes) wait()
    available -= bytes
    !closed
  }
}

/** Tells the server how a job ended. */
object Delivery {

  /** Sends it, a large result in parts against credit; gives up when the connection is lost. */
  def deliver(job: Job, connection: Connection, credit: Credit): Unit = job.outcome match {
    case Refused(reason, failure) =>
      connection.send(Kind.JobRefused, failure.writeTo(Frames.job(job.id).put("reason", reason)))
    case Finished(chunks) =>
      val sent = chunks.init.forall { chunk =>
        credit.take(chunk.length.toLong) && connection.send(Kind.ResultPart, Frames.job(job.id), chunk)
      }
      if (sent) connection.send(Kind.JobEnded, Frames.job(job.id).put("outcome", "finished"), chunks.last)
    case Errored(failure) => ended(job, connection, "error", failure)
    case Killed(failure) => ended(job, connection, "killed", failure)
  }

  private def ended(job: Job, connection: Connection, outcome: String, failure: Failure): Unit =
    connection.send(Kind.JobEnded, failure.writeTo(Frames.job(job.id).put("outcome", outcome)))
}
