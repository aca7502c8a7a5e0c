package org.apache.spark.hearth

import java.nio.file.Path

import org.apache.spark.SparkContext

/**
 * The versions of a context, in its driver. There is one for each context, and the process has one context.
 *
 * @param parent what the jobs of all versions see
 * @param folder for links to jars while executors may ask for them; its owner removes it
 */
final class DriverVersions(sc: SparkContext, parent: ClassLoader, folder: Path) {
  private val jars = new OfferedJars(if (sc.isLocal) None else Some(sc.env.rpcEnv.fileServer), folder)
  private val loaders = {
    val ownFirst = sc.getConf.getBoolean(DriverVersions.OwnFirst, defaultValue = false)
    new VersionLoaders(jars, parent, ownFirst, keep = 0)
  }
  VersionLoaders.ofProcess = loaders

  /**
   * The loader of the version that these jars make up, in their order: of two classes of one name the first jar's wins.
   * It is the same one for as long as anything holds it.
   *
   * @throws java.io.IOException when a jar cannot be offered to executors
   */
  def of(binaries: Seq[VersionJars.Jar]): VersionLoader = {
    val id = VersionJars.idOf(binaries.map(_.digest))
    loaders.of(id, jars.offer(id, binaries))
  }

  /** From now on these are the versions that shall stay; of others only what is in use. */
  def keepOnly(kept: Set[VersionLoader]): Unit = VersionLoaders.keepOnly(kept)

  /** A version's loader, if anything holds it. */
  def known(id: String): Option[VersionLoader] = loaders.known(id)
}

object DriverVersions {

  /** Spark's own setting for it. */
  val OwnFirst = "spark.driver.userClassPathFirst"
}
