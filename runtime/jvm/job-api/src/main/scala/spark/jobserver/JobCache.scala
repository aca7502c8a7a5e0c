package spark.jobserver

import spark.jobserver.japi.BaseJavaJob

/** A job that was found in binaries. */
trait BinaryJobInfo

/**
 * A loaded job class.
 *
 * @param constructor returns an instance for one run: a new one for a class, always the same one for a Scala object
 * @param jarFilePath the path of the binary that was first in the class path
 */
case class JobJarInfo(constructor: () => api.SparkJobBase, className: String, jarFilePath: String) extends BinaryJobInfo

/**
 * A job of the Java API.
 *
 * @param job         an instance for one run
 * @param jarFilePath the path of the binary that was first in the class path
 */
case class JavaJarInfo(job: BaseJavaJob[_, _], className: String, jarFilePath: String) extends BinaryJobInfo

/** The binary of a Python job, of which nothing is loaded here. */
case class PythonJobInfo(packagePath: String) extends BinaryJobInfo

/** Finds jobs in binaries. Each set of binaries has its own class loader, and a class is looked up once. */
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

  /**
   * @param classPath paths of the job's binaries
   * @throws java.lang.ClassNotFoundException when there is no binary
   */
  def getPythonJob(classPath: Seq[String], mainClass: String): PythonJobInfo
}
