package org.apache.spark.hearth

import java.util.concurrent.ConcurrentHashMap

import org.apache.spark.SparkContext
import org.apache.spark.api.python.Py4JServer

/**
 * The gateways through which the Python workers of a context reach this process, one for each worker. One for all would
 * not do: a gateway has one port for callbacks, and keeps the objects of a worker that was killed.
 *
 * In a package of Spark's, because its gateway server is private to Spark. Any thread may call this.
 */
final class PythonGateways(sc: SparkContext) {
  import PythonGateways._

  private val servers = new ConcurrentHashMap[Long, Py4JServer]

  /** The port and the secret of a worker's gateway, which is opened unless it is open already. */
  def open(worker: Long): (Int, String) = {
    val server = servers.computeIfAbsent(
      worker,
      _ => {
        val made = new Py4JServer(sc.getConf)
        made.start()
        made
      }
    )
    (server.getListeningPort, server.secret)
  }

  /**
   * Ends what the last job of a worker still does in Spark, and closes the worker's gateway. The worker's process must be
   * gone, for a job that swallows its cancellation would submit again. Blocks until Spark has noticed.
   */
  def close(worker: Long, job: String): Unit = {
    val deadline = System.nanoTime + PatienceMs * 1000000
    while (job.nonEmpty && !sc.isStopped && isActive(job) && System.nanoTime < deadline) {
      sc.cancelJobGroup(job)
      Thread.sleep(LookAgainMs)
    }
    Option(servers.remove(worker)).foreach(_.shutdown())
  }

  /** Closes the gateways of all workers but these. */
  def keep(workers: Set[Long]): Unit =
    servers.keySet.forEach(worker => if (!workers(worker)) close(worker, job = ""))

  private def isActive(job: String): Boolean = {
    val active = sc.statusTracker.getActiveJobIds().toSet
    sc.statusTracker.getJobIdsForGroup(job).exists(active)
  }
}

object PythonGateways {

  /** How long to wait for Spark, whose tasks may not notice a cancellation. */
  private val PatienceMs = 30000L
  private val LookAgainMs = 20L
}
