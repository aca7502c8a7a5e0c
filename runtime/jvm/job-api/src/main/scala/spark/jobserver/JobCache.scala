package spark.jobserver

import spark.jobserver.japi.BaseJavaJob

/**
 * A loaded job class.
 *
 * @param constructor returns an instance for one run: a new one for a class, always the same one for a Scala object
 */
case class JobJarInfo(constructor: () => api.SparkJobBase, className: String)

/** A loaded job class of the Java API. */
case class JavaJarInfo(constructor: () => BaseJavaJob[_, _], className: String)

/** Loads job classes. Each set of binaries has its own class loader, and a class is looked up once. */
trait JobCache {

  /**
   * @param classPath paths of the job's binaries
   * @throws java.lang.ClassNotFoundException when none of them has `mainClass`
   * @throws java.lang.ClassCastException     when it is not a Scala job
   */
  def getSparkJob(classPath: Seq[String], mainClass: String): JobJarInfo

  /**
   * @param classPath paths of the job's binaries
   * @throws java.lang.ClassNotFoundException when none of them has `mainClass`
   * @throws java.lang.ClassCastException     when it is not a Java job
   */
  def getJavaJob(classPath: Seq[String], mainClass: String): JavaJarInfo
}
