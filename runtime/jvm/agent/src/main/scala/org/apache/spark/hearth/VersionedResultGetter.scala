package org.apache.spark.hearth

import java.lang.ref.WeakReference
import java.nio.ByteBuffer
import java.util.concurrent.{AbstractExecutorService, ExecutorService, TimeUnit}

import org.apache.spark.{SparkEnv, TaskState}
import org.apache.spark.scheduler.{TaskResultGetter, TaskSchedulerImpl, TaskSetManager}
import org.apache.spark.serializer.{Serializer, SerializerInstance}
import org.apache.spark.util.ThreadUtils

/**
 * Reads the results of tasks with the class loader of their version. Spark reads all with one loader, so that a job could
 * not collect objects of its own classes.
 */
private[hearth] class VersionedResultGetter(
    env: SparkEnv,
    scheduler: TaskSchedulerImpl,
    loaderOf: String => Option[ClassLoader]
) extends TaskResultGetter(env, scheduler) {

  // Set by the scheduler's thread for the time of one call, in which the base class hands its work to the executor below.
  private val loader = new ThreadLocal[ClassLoader]

  override protected val getTaskResultExecutor: ExecutorService = new LoaderExecutor(
    ThreadUtils.newDaemonFixedThreadPool(env.conf.getInt("spark.resultGetter.threads", 4), "task-result-getter")
  )

  override protected val serializer: ThreadLocal[SerializerInstance] = new ByLoader(env.closureSerializer)
  override protected val taskResultSerializer: ThreadLocal[SerializerInstance] = new ByLoader(env.serializer)

  override def enqueueSuccessfulTask(tasks: TaskSetManager, tid: Long, serializedData: ByteBuffer): Unit =
    withLoader(tasks)(super.enqueueSuccessfulTask(tasks, tid, serializedData))

  override def enqueueFailedTask(
      tasks: TaskSetManager,
      tid: Long,
      taskState: TaskState.TaskState,
      serializedData: ByteBuffer
  ): Unit =
    withLoader(tasks)(super.enqueueFailedTask(tasks, tid, taskState, serializedData))

  private def withLoader(tasks: TaskSetManager)(enqueue: => Unit): Unit = {
    Option(tasks.taskSet.properties)
      .flatMap(properties => Option(properties.getProperty(VersionIsolation.Property)))
      .flatMap(loaderOf)
      .foreach(loader.set)
    try enqueue
    finally loader.remove()
  }

  private class LoaderExecutor(threads: ExecutorService) extends AbstractExecutorService {
    override def execute(work: Runnable): Unit = {
      val wanted = loader.get
      threads.execute { () =>
        val thread = Thread.currentThread
        val usual = thread.getContextClassLoader
        if (wanted != null) thread.setContextClassLoader(wanted)
        try work.run()
        finally thread.setContextClassLoader(usual)
      }
    }
    override def shutdown(): Unit = threads.shutdown()
    override def shutdownNow(): java.util.List[Runnable] = threads.shutdownNow()
    override def isShutdown: Boolean = threads.isShutdown
    override def isTerminated: Boolean = threads.isTerminated
    override def awaitTermination(timeout: Long, unit: TimeUnit): Boolean = threads.awaitTermination(timeout, unit)
  }

  /** An instance per thread, made anew when the thread's context class loader is another one. */
  private class ByLoader(serializer: Serializer) extends ThreadLocal[SerializerInstance] {
    // Weak, for an instance holds its loader, and that of a version out of use shall be collected.
    private val made = new ThreadLocal[WeakReference[(ClassLoader, SerializerInstance)]]

    override def get(): SerializerInstance = {
      val wanted = Thread.currentThread.getContextClassLoader
      Option(made.get).flatMap(last => Option(last.get)) match {
        case Some((loader, instance)) if loader eq wanted => instance
        case _ =>
          val instance = serializer.newInstance()
          made.set(new WeakReference(wanted -> instance))
          instance
      }
    }
  }
}
