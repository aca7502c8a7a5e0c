package org.apache.spark.hearth

import java.lang.ref.WeakReference
import java.util.concurrent.ConcurrentMap

import scala.util.control.NonFatal

import org.apache.spark.SparkContext
import org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator
import org.slf4j.LoggerFactory

/**
 * What Spark SQL has compiled in this process. Spark keeps the last hundred classes, and with each the loader of the
 * thread that it was compiled for: a version would stay in memory long after the last of its jobs.
 */
private[hearth] object GeneratedCode {
  private val log = LoggerFactory.getLogger("hearth.versions")

  // By the loader that they were compiled for, weakly, and the code.
  private var compiled: Option[ConcurrentMap[Any, Any]] = None
  private var isUnknown = false

  /** Forgets what was compiled for other versions than these. Whoever still needs it has it compiled again. */
  def keepOnly(kept: VersionLoader => Boolean): Unit = synchronized {
    if (compiled.isEmpty && !isUnknown) find()
    compiled.foreach { codes =>
      codes.keySet.removeIf {
        case (loader: WeakReference[_], _) => !versionsOf(loader).forall(kept)
        case _ => false
      }
      ()
    }
  }

  private def versionsOf(loader: WeakReference[_]): Seq[VersionLoader] = loader.get match {
    case it: ClassLoader => UnionLoader.allBehind(it)
    case _ => Nil
  }

  private def find(): Unit =
    try if (isInUse) {
      // Guava's, which is in one package or another.
      val cache = Fields.get(Fields.get(CodeGenerator, "cache"), "cache")
      val asMap = cache.getClass.getMethod("asMap")
      asMap.setAccessible(true)
      compiled = Some(asMap.invoke(cache).asInstanceOf[ConcurrentMap[Any, Any]])
    } catch {
      case NonFatal(error) =>
        isUnknown = true
        log.warn("Versions may stay in memory for as long as Spark keeps code that it compiled for them", error)
    }

  /** Whether Spark has made its cache. It reads the size from the settings of the query that is there at that time. */
  private def isInUse: Boolean = {
    val find = classOf[ClassLoader].getDeclaredMethod("findLoadedClass", classOf[String])
    find.setAccessible(true)
    val name = "org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator$"
    find.invoke(classOf[SparkContext].getClassLoader, name) != null
  }
}
