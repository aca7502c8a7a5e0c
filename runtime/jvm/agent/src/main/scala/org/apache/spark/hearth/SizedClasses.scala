package org.apache.spark.hearth

import java.util.concurrent.ConcurrentMap

import scala.util.control.NonFatal

import org.apache.spark.util.SizeEstimator
import org.slf4j.LoggerFactory

/**
 * The classes of what Spark has measured in this process: broadcasts, and data that is cached as objects. Spark forgets
 * none of them by itself, so that their versions would stay in memory.
 */
private[hearth] object SizedClasses {
  private val log = LoggerFactory.getLogger("hearth.versions")

  private lazy val known: Option[ConcurrentMap[Class[_], _]] =
    try Some(Fields.get(SizeEstimator, "classInfos").asInstanceOf[ConcurrentMap[Class[_], _]])
    catch {
      case NonFatal(error) =>
        log.warn("Versions stay in memory once Spark has measured an object of their classes", error)
        None
    }

  /** Forgets the classes of other versions than these. Spark looks at one anew if it meets it again. */
  def keepOnly(kept: VersionLoader => Boolean): Unit = known.foreach { classes =>
    classes.keySet.removeIf(it => !UnionLoader.allBehind(it.getClassLoader).forall(kept))
    ()
  }
}
