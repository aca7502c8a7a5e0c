package org.apache.spark.hearth

import java.net.URL
import java.util.{Collections, Enumeration}

import org.apache.spark.TaskContext
import org.apache.spark.executor.Executor

/**
 * For a local master, where tasks run in the driver's own process: the parent of the class loaders that Spark makes for
 * tasks. It finds a job's classes in the driver's loader of the task's version. Loaded a second time from the jar they
 * would be other classes than those of the objects that Spark hands over in memory: broadcasts, cached blocks.
 */
class VersionRouter(parent: ClassLoader) extends ClassLoader(parent) {

  /** Knows the loaders; set as soon as there are any. */
  @volatile var loaderOf: String => Option[ClassLoader] = (_: String) => None

  // The JVM never starts here, only a task's loader does, so that there is nothing that could be remembered wrongly.
  override def loadClass(name: String, resolve: Boolean): Class[_] =
    try parent.loadClass(name)
    catch {
      case missing: ClassNotFoundException => taskLoader.getOrElse(throw missing).loadClass(name)
    }

  override def findResource(name: String): URL = taskLoader.map(_.getResource(name)).orNull

  override def findResources(name: String): Enumeration[URL] =
    taskLoader.map(_.getResources(name)).getOrElse(Collections.emptyEnumeration[URL]())

  private def taskLoader: Option[ClassLoader] = {
    // The second one is for the time in which the task itself is read.
    val version = Option(TaskContext.get())
      .map(_.getLocalProperty(VersionIsolation.Property))
      .orElse(Option(Executor.taskDeserializationProps.get).map(_.getProperty(VersionIsolation.Property)))
    version.flatMap(Option(_)).flatMap(loaderOf)
  }
}
