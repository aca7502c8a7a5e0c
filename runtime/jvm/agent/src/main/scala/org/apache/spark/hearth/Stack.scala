package org.apache.spark.hearth

import scala.annotation.nowarn

/**
 * What the calling thread's stack says about the work that it does.
 *
 * @param version that of the nearest class of a version
 * @param isPool  whether the thread is one of Java's pools, which does what others hand to it; not a timer, which does its
 *                maker's work
 */
private[hearth] final case class Stack(version: VersionLoader, isPool: Boolean)

private[hearth] object Stack {

  /** None where no version's code is running. */
  def look(): Option[Stack] = {
    val classes = Walker.classes
    classes.iterator.map(_.getClassLoader).collectFirst { case version: VersionLoader => version }.map { version =>
      val names = classes.iterator.map(_.getName).filter(_.startsWith("java.util.concurrent.")).toSet
      Stack(version, pools.exists(names) && !names.contains(timed))
    }
  }

  /** Whether Spark is compiling what it has generated. */
  def isCompiler: Boolean = Walker.classes.exists(_.getName.startsWith("org.codehaus."))

  private val pools = Set(
    "java.util.concurrent.ThreadPoolExecutor$Worker",
    "java.util.concurrent.ForkJoinWorkerThread"
  )
  private val timed = "java.util.concurrent.ScheduledThreadPoolExecutor$ScheduledFutureTask"

  // It manages nothing: this is the one way to the classes of a stack in every Java from 8 on.
  @nowarn("cat=deprecation")
  private object Walker extends SecurityManager {
    def classes: Array[Class[_]] = getClassContext
  }
}
