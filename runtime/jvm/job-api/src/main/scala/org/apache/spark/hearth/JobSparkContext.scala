package org.apache.spark.hearth

import java.util.concurrent.atomic.AtomicBoolean

import scala.util.control.NonFatal

import org.apache.spark.{SparkConf, SparkContext, SparkEnv}

/**
 * A `SparkContext` that checks the code of each closure only once. Spark reads and parses the class file around a
 * closure each time the closure is used, only to see that it has no `return`. Spark's own closures are no exception,
 * and the class file of `RDD` has more than a hundred kilobytes, so this is half the time of a small job. The answer is
 * the same for all closures of one place in the code, and so of one class.
 *
 * It is in a package under `org.apache.spark` because the method is private to Spark.
 */
class JobSparkContext(conf: SparkConf) extends SparkContext(conf) {

  override private[spark] def clean[F <: AnyRef](f: F, checkSerializable: Boolean = true): F = {
    val seen = JobSparkContext.seen.get(f.getClass)
    if (seen.get && (!checkSerializable || JobSparkContext.isSerializable(f))) f
    else {
      val cleaned = super.clean(f, checkSerializable)
      seen.set(JobSparkContext.isUnchangedByCleaning(f.getClass))
      cleaned
    }
  }
}

private object JobSparkContext {

  // Kept by the closure's class itself, so that the classes of a binary out of use can be unloaded.
  private val seen = new ClassValue[AtomicBoolean] {
    override def computeValue(kind: Class[_]) = new AtomicBoolean
  }

  /** False for old anonymous classes and closures of a shell, because Spark changes the objects that they refer to. */
  private def isUnchangedByCleaning(kind: Class[_]): Boolean = {
    val name = kind.getName
    kind.isSynthetic && name.contains("$$Lambda") && !name.startsWith("$line") && !name.startsWith("ammonite.")
  }

  /** Returns false if Spark's own check has to run, whose error says more. */
  private def isSerializable(f: AnyRef): Boolean =
    try {
      SparkEnv.get.closureSerializer.newInstance().serialize(f)
      true
    } catch { case NonFatal(_) => false }
}
