package org.apache.spark.hearth

import java.net.{URL, URLClassLoader}

/**
 * The class loader of one version: of the binaries of a job, in their order. A class that it defined belongs to that
 * version wherever it goes, for [[VersionStreams]] write the version's id behind the name of the class.
 *
 * @param id       what streams say; the same in all processes of the context
 * @param ownFirst look into its own jars before the parent is asked: a job then has its own version of a library that
 *                 Spark brings too. Not so for what jobs, Spark and the agent pass to each other, of which there must
 *                 be one
 */
final class VersionLoader private[hearth] (
    val id: String,
    urls: Array[URL],
    parent: ClassLoader,
    ownFirst: Boolean
) extends URLClassLoader(urls, parent) {

  /** When it was last asked for, in ticks of [[VersionLoaders]]. */
  @volatile private[hearth] var lastUse = 0L

  /** Opens its jars, so that the version goes on when the server deletes their files. */
  private[hearth] def openJars(): Unit = { findResource("in none of them"); () }

  override def loadClass(name: String, resolve: Boolean): Class[_] =
    if (!ownFirst || VersionLoader.isShared(name)) super.loadClass(name, resolve)
    else
      getClassLoadingLock(name).synchronized {
        Option(findLoadedClass(name)).getOrElse {
          try super.findClass(name)
          catch { case _: ClassNotFoundException => super.loadClass(name, resolve) }
        }
      }

  override protected def findClass(name: String): Class[_] =
    try super.findClass(name)
    catch {
      case missing: ClassNotFoundException =>
        val spark = VersionLoader.ofSpark
        if (spark == null) throw missing else spark.loadClass(name)
    }

  override def getResource(name: String): URL =
    if (ownFirst) Option(findResource(name)).getOrElse(super.getResource(name)) else super.getResource(name)

  override def toString: String = s"version $id"
}

private[hearth] object VersionLoader {

  /**
   * For a local master: the loader that Spark's executor made in this process, which knows jars that jobs added by
   * `addJar`. A version asks it last; null elsewhere, where it is an ancestor of the versions or not in this process.
   */
  @volatile var ofSpark: ClassLoader = _

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
}
