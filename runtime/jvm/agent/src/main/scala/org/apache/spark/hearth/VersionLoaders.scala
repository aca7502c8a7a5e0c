package org.apache.spark.hearth

import java.io.IOException
import java.lang.ref.{ReferenceQueue, WeakReference}
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong

import scala.collection.mutable

/**
 * The class loaders of the versions in this process. A version has one, and never a second while an object or a class
 * of the first is in use, so that what is cached here stays of the same classes. Any thread may ask.
 *
 * @param parent   what all versions see
 * @param ownFirst see [[VersionLoader]]
 * @param keep     how many of those that were asked for last stay although nothing of them is in use
 */
private[hearth] final class VersionLoaders(
    jars: VersionJars,
    parent: ClassLoader,
    ownFirst: Boolean,
    keep: Int
) {

  private final class Ref(loader: VersionLoader) extends WeakReference(loader, gone) {
    val id: String = loader.id
  }

  private val gone = new ReferenceQueue[VersionLoader]
  private val refs = new ConcurrentHashMap[String, Ref]
  private val ticks = new AtomicLong
  private val kept = mutable.HashSet.empty[VersionLoader]

  /**
   * The loader of a version.
   *
   * @throws java.io.IOException when its jars are not here and cannot be fetched
   */
  def of(id: String): VersionLoader = known(id).getOrElse(synchronized(known(id).getOrElse(open(id))))

  /** The same, after telling where the jars are. */
  def of(id: String, where: => Unit): VersionLoader = known(id).getOrElse(synchronized {
    sweep()
    where
    of(id)
  })

  /** The loader if it is there, in use or not. */
  def known(id: String): Option[VersionLoader] = {
    val ref = refs.get(id)
    val loader = if (ref == null) null else ref.get
    if (loader != null && keep > 0) loader.lastUse = ticks.incrementAndGet()
    Option(loader)
  }

  private def open(id: String): VersionLoader = {
    sweep()
    val loader = new VersionLoader(id, jars.of(id).map(_.toUri.toURL).toArray, parent, ownFirst)
    loader.openJars()
    loader.lastUse = ticks.incrementAndGet()
    refs.put(id, new Ref(loader))
    if (keep > 0) {
      kept += loader
      if (kept.size > keep) {
        kept -= kept.minBy(_.lastUse)
        VersionLoaders.keepOnly(kept)
      }
    }
    loader
  }

  /** Forgets the jars of loaders that the garbage collector took. */
  private def sweep(): Unit = {
    var ref = gone.poll()
    while (ref != null) {
      val id = ref.asInstanceOf[Ref].id
      // Another one may have been made since.
      if (refs.remove(id, ref)) jars.forget(id)
      ref = gone.poll()
    }
  }
}

private[hearth] object VersionLoaders {

  /** Those of this process; null until there is a context. */
  @volatile var ofProcess: VersionLoaders = _

  /** Lets go of what this process and Spark remember of other versions than these, to be quick. */
  def keepOnly(kept: VersionLoader => Boolean): Unit = {
    UnionLoader.keepOnly(kept)
    GeneratedCode.keepOnly(kept)
    SizedClasses.keepOnly(kept)
  }

  /**
   * The loader that a stream asks for.
   *
   * @throws java.io.IOException when it cannot be had
   */
  def of(id: String): VersionLoader = {
    val loaders = ofProcess
    if (loaders == null) throw new IOException(s"Version $id is asked for before there is a context")
    loaders.of(id)
  }
}
