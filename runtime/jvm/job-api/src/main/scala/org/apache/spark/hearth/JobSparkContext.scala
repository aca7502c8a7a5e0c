package org.apache.spark.hearth

import java.util.concurrent.atomic.AtomicBoolean

import scala.util.control.NonFatal

import org.apache.spark.{SparkConf, SparkContext, SparkEnv}

/**
 * A `SparkContext` that looks into the code of a closure once. Spark reads and parses the class file around a closure each
 * time that one is used, its own included (`RDD` has more than a hundred kilobytes), only to see that no `return` is in
 * it: of a small job that is half the time. The answer is the same for all closures of one place in the code, and so of
 * one class.
 *
 * It lies under `org.apache.spark` because the method is private to Spark.
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

  /** Spark changes what closures refer to if they are of old anonymous classes or were typed into a shell. */
  private def isUnchangedByCleaning(kind: Class[_]): Boolean = {
    val name = kind.getName
    kind.isSynthetic && name.contains("$$Lambda") && !name.startsWith("$line") && !name.startsWith("ammonite.")
  }

  /** False leads to Spark's own check, whose error says more. */
  private def isSerializable(f: AnyRef): Boolean =
    try {
      SparkEnv.get.closureSerializer.newInstance().serialize(f)
      true
    } catch { case NonFatal(_) => false }
}
