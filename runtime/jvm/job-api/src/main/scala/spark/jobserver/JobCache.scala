package spark.jobserver

import spark.jobserver.japi.BaseJavaJob

/**
 * A loaded job class.
 *
 * @param constructor gives an instance for one run: a new one of a class, always the same of a Scala object
 */
case class JobJarInfo(constructor: () => api.SparkJobBase, className: String)

/** A loaded job class of the Java API. */
case class JavaJarInfo(constructor: () => BaseJavaJob[_, _], className: String)

/** Loads job classes. Each set of binaries has its own class loader, and a class is looked up once. */
trait JobCache {

  /**
   * @param classPath paths of the job's binaries
   * @throws java.lang.ClassNotFoundException when `mainClass` is in none of them
   * @throws java.lang.ClassCastException     when it is no Scala job
   */
  def getSparkJob(classPath: Seq[String], mainClass: String): JobJarInfo

  /**
   * @param classPath paths of the job's binaries
   * @throws java.lang.ClassNotFoundException when `mainClass` is in none of them
   * @throws java.lang.ClassCastException     when it is no Java job
   */
  def getJavaJob(classPath: Seq[String], mainClass: String): JavaJarInfo
}
