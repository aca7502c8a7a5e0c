package org.apache.spark.hearth

import org.apache.spark.TaskContext
import org.apache.spark.executor.Executor
import org.apache.spark.scheduler.Task

/**
 * Sets the context class loader of a task's thread, for what the task finds by name: the code that Spark generates,
 * `Class.forName`, resources. It knows the versions that the task's stream named, and the one that submitted it.
 */
private[hearth] object TaskLoader {

  /** What was just read on this thread, and the versions that it has classes of; nothing happens if it is no task's. */
  def enter(read: Any, named: Seq[VersionLoader]): Unit = {
    val task = TaskContext.get()
    if (task != null || read.isInstanceOf[Task[_]]) {
      val own = submitter.map(VersionLoaders.of)
      val thread = Thread.currentThread
      val before = UnionLoader.versionsOf(thread.getContextClassLoader) match {
        case (several, _) if several.nonEmpty => several
        case (_, one) => one.filterNot(own.contains).toSeq
      }
      val all = (before ++ named).distinct
      if (all.nonEmpty || own.nonEmpty) {
        // Threads of the pool live on, and would keep the version from the garbage collector.
        if (task != null) task.addTaskCompletionListener[Unit](_ => thread.setContextClassLoader(usual))
        thread.setContextClassLoader(UnionLoader.of(all, own, ownFirst = false))
      }
    }
  }

  /** What threads of tasks have when no task runs, for Spark sets it anew for each: the loader of Spark's executor. */
  @volatile var usual: ClassLoader = getClass.getClassLoader

  private def submitter: Option[String] =
    Option(Executor.taskDeserializationProps.get).flatMap(properties => Option(properties.getProperty(JobThreads.Version)))
}
