package hearth.agent

import java.net.{URL, URLClassLoader}

/**
 * Looks into its own jars before it asks its parent: a job then has its own version of a library that Spark brings too.
 * Not so for what jobs, Spark and the agent pass to each other, of which there must be one.
 */
final class OwnFirstLoader(urls: Array[URL], parent: ClassLoader) extends URLClassLoader(urls, parent) {

  override def loadClass(name: String, resolve: Boolean): Class[_] =
    if (OwnFirstLoader.isShared(name)) super.loadClass(name, resolve)
    else getClassLoadingLock(name).synchronized(Option(findLoadedClass(name)).getOrElse(own(name, resolve)))

  override def getResource(name: String): URL = Option(findResource(name)).getOrElse(super.getResource(name))

  private def own(name: String, resolve: Boolean): Class[_] =
    try findClass(name)
    catch { case _: ClassNotFoundException => super.loadClass(name, resolve) }
}

object OwnFirstLoader {

  private val shared = Seq(
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "scala.",
    "org.apache.spark.",
    "org.apache.hadoop.",
    "org.slf4j.",
    "org.apache.log4j.",
    "org.apache.logging.",
    "org.apache.commons.logging.",
    // Types of the job API.
    "spark.jobserver.",
    "com.typesafe.config.",
    "org.scalactic."
  )

  private def isShared(name: String): Boolean = shared.exists(name.startsWith)

  /** Spark's own setting for it. */
  val Setting = "spark.driver.userClassPathFirst"
}
