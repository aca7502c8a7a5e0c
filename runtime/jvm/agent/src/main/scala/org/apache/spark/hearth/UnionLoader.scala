package org.apache.spark.hearth

import java.lang.ref.WeakReference
import java.net.URL
import java.util.{Collections, Enumeration}
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong

/**
 * The context class loader of a thread whose work needs the classes of several versions, all of which have the same
 * parent.
 *
 * Most of that work has the classes already, for streams say of which version each is. What is left has only a name:
 * the code that Spark generates for a query, `Class.forName`, resources. A name that two of the versions have is
 * refused, for either choice might be wrong.
 *
 * @param named    the versions whose classes the work is known to have
 * @param own      the version that the work was submitted by
 * @param ownFirst whether `own` is asked before the others, as in the driver; in a task it is asked after them, and not
 *                 at all for a name that one of them has
 * @param refused  names that generated code may not use, whatever `ownFirst` says
 * @param number   its own in this process
 */
private[hearth] final class UnionLoader(
    val named: Seq[VersionLoader],
    val own: Option[VersionLoader],
    ownFirst: Boolean,
    val refused: Set[String],
    val number: String
) extends ClassLoader((named ++ own).head.getParent) {

  private val (first, second) = if (ownFirst) (own.toSeq, named) else (named, own.toSeq)

  // Resources are the job's: its own come first.
  private val forResources = own.toSeq ++ named

  override def loadClass(name: String, resolve: Boolean): Class[_] = {
    val found =
      if (refused(name) && Stack.isCompiler) in(first ++ second, name)
      else in(first, name) match { case Nil => in(second, name); case some => some }
    found match {
      case Seq(one) => one
      case Nil => throw new ClassNotFoundException(name)
      case several =>
        val text = UnionLoader.ambiguous(name, several.map(_.getClassLoader))
        // Class loaders of Spark's that ask this one would hide from the compiler why a class is not found.
        throw (if (Stack.isCompiler) new IllegalStateException(text) else new ClassNotFoundException(text))
    }
  }

  override def getResource(name: String): URL =
    forResources.iterator.map(_.getResource(name)).find(_ != null).orNull

  override protected def findResources(name: String): Enumeration[URL] = {
    val all = new java.util.ArrayList[URL]
    forResources.foreach(version => all.addAll(Collections.list(version.findResources(name))))
    Collections.enumeration(all)
  }

  override def toString: String = (named ++ own).mkString(" and ")

  private def in(loaders: Seq[VersionLoader], name: String): Seq[Class[_]] =
    loaders.flatMap { loader =>
      try Seq[Class[_]](loader.loadClass(name))
      catch { case _: ClassNotFoundException => Nil }
    }.distinct
}

private[hearth] object UnionLoader {

  private final case class Key(named: Seq[String], own: Option[String], ownFirst: Boolean, refused: Set[String])

  // One and the same for the same versions: it is part of the key of Spark's cache of generated code. Tasks come and go,
  // so the last ones are held.
  private val made = new ConcurrentHashMap[Key, WeakReference[UnionLoader]]
  private val held = new java.util.ArrayDeque[UnionLoader]
  private val Held = 8
  private val numbers = new AtomicLong

  /** The loader that knows these versions' classes: that of the version itself if there is but one. */
  def of(
      named: Seq[VersionLoader],
      own: Option[VersionLoader],
      ownFirst: Boolean,
      refused: Set[String] = Set.empty
  ): ClassLoader = {
    val others = if (ownFirst) named.filterNot(own.contains) else named
    val last = if (ownFirst) own else own.filterNot(named.contains)
    (others ++ last) match {
      case Seq(one) => one
      case _ =>
        val key = Key(others.map(_.id), last.map(_.id), ownFirst, refused)
        val same = (it: UnionLoader) => it.named == others && it.own == last
        known(key).filter(same).getOrElse(made.synchronized(known(key).filter(same).getOrElse {
          val union = new UnionLoader(others, last, ownFirst, refused, s"${numbers.incrementAndGet()}")
          made.values.removeIf(_.get == null)
          made.put(key, new WeakReference(union))
          held.add(union)
          if (held.size > Held) held.remove()
          union
        }))
    }
  }

  /** Lets go of those that have other versions than these, unless they are in use. */
  def keepOnly(kept: VersionLoader => Boolean): Unit = made.synchronized {
    held.removeIf(union => !(union.named ++ union.own).forall(kept))
    ()
  }

  /** The versions that a context class loader knows: what the work is known to need, and whose work it is. */
  def versionsOf(loader: ClassLoader): (Seq[VersionLoader], Option[VersionLoader]) = loader match {
    case union: UnionLoader => (union.named, union.own)
    case version: VersionLoader => (Nil, Some(version))
    case _ => (Nil, None)
  }

  /** The versions whose classes a loader finds, itself or by its parents. */
  def allBehind(loader: ClassLoader): Seq[VersionLoader] =
    Iterator.iterate(loader)(_.getParent).takeWhile(_ != null).toList.flatMap { it =>
      val (others, own) = versionsOf(it)
      others ++ own
    }

  /** The one with that number, if anything holds it. */
  def numbered(number: String): Option[UnionLoader] = {
    val all = made.values.iterator
    Iterator.continually(all).takeWhile(_.hasNext).map(_.next().get).find(it => it != null && it.number == number)
  }

  def refusedBy(loader: ClassLoader): Set[String] = loader match {
    case union: UnionLoader => union.refused
    case _ => Set.empty
  }

  private def known(key: Key): Option[UnionLoader] = Option(made.get(key)).flatMap(it => Option(it.get))

  private def ambiguous(name: String, of: Seq[ClassLoader]): String =
    s"$name: ${of.size} versions of this class meet here (${of.map(_.toString).sorted.mkString(", ")}), and a name alone does not say which is " +
      "meant. Let one of the two jobs use columns in place of objects (select, not a typed map or filter), let the one that " +
      "shares a DataFrame share what is computed (localCheckpoint), or give the class another name in one of the jars"
}
