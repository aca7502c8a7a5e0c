package org.apache.spark.hearth

import com.esotericsoftware.kryo.Kryo
import org.apache.spark.SparkConf
import org.apache.spark.internal.config.Kryo.{KRYO_CLASSES_TO_REGISTER, KRYO_USER_REGISTRATORS}
import org.apache.spark.serializer.KryoSerializer

/**
 * Spark's Kryo serializer with the version beside the name of each class that has one. Classes to register, and
 * registrators, may be those of a job's jar: they count for the version that has them.
 */
final class VersionKryo private (conf: SparkConf, ofJobs: KryoNames) extends KryoSerializer(conf) {

  /** @param conf that of the context */
  def this(conf: SparkConf) = this(KryoNames.common(conf), KryoNames.ofJobs(conf))

  override def newKryo(): Kryo = {
    val kryo = super.newKryo()
    VersionResolver.replaceThatOf(kryo, ofJobs)
    kryo
  }
}

/** The names of classes and of registrators that settings have Kryo register. */
private[hearth] final case class KryoNames(classes: Set[String], registrators: Seq[String])

private[hearth] object KryoNames {

  /** What is in no jar of the context, and so is looked for in those of jobs. */
  def ofJobs(conf: SparkConf): KryoNames =
    KryoNames(
      conf.get(KRYO_CLASSES_TO_REGISTER).filterNot(_.isEmpty).filterNot(isCommon).toSet,
      conf.get(KRYO_USER_REGISTRATORS).filterNot(_.isEmpty).filterNot(isCommon)
    )

  /** The settings without it. */
  def common(conf: SparkConf): SparkConf = {
    val left = conf.clone
    left.set(KRYO_CLASSES_TO_REGISTER, conf.get(KRYO_CLASSES_TO_REGISTER).filter(isCommon))
    left.set(KRYO_USER_REGISTRATORS, conf.get(KRYO_USER_REGISTRATORS).filter(isCommon))
  }

  private def isCommon(name: String): Boolean = name.nonEmpty && {
    try {
      Class.forName(name, false, Thread.currentThread.getContextClassLoader)
      true
    } catch { case _: ClassNotFoundException => false }
  }
}
