package org.apache.spark.hearth

import java.io.{IOException, InputStream, ObjectInputStream, ObjectOutputStream, ObjectStreamClass, OutputStream}
import java.lang.reflect.Proxy

import scala.collection.mutable.ArrayBuffer

/**
 * Java's object streams with the version behind each class that has one, as Java RMI puts a codebase there: a byte with
 * the number of the version in this stream, and behind the first use of a number the id. A class without a version is
 * followed by nothing, so streams of plain Java are read too.
 */
private[hearth] object VersionStreams {

  /** The byte that says that the number follows as an int. */
  val Wide = 255
}

private[hearth] final class VersionOutput(out: OutputStream) extends ObjectOutputStream(out) {
  private var versions: ArrayBuffer[VersionLoader] = _

  override protected def annotateClass(kind: Class[_]): Unit = annotate(kind)

  override protected def annotateProxyClass(kind: Class[_]): Unit = annotate(kind)

  private def annotate(kind: Class[_]): Unit = kind.getClassLoader match {
    case version: VersionLoader =>
      if (versions == null) versions = new ArrayBuffer[VersionLoader](2)
      val known = versions.indexWhere(_ eq version)
      val number = if (known >= 0) known else versions.size
      if (number < VersionStreams.Wide) writeByte(number)
      else {
        writeByte(VersionStreams.Wide)
        writeInt(number)
      }
      if (known < 0) {
        writeUTF(version.id)
        versions += version
      }
    case _ =>
  }
}

/** @param usual loads the classes that are of no version */
private[hearth] final class VersionInput(in: InputStream, usual: ClassLoader) extends ObjectInputStream(in) {
  private var found: ArrayBuffer[VersionLoader] = _

  /** The versions of the classes that were read so far. */
  def versions: Seq[VersionLoader] = if (found == null) Nil else found.toList

  override protected def resolveClass(description: ObjectStreamClass): Class[_] = {
    val loader = annotated()
    val name = description.getName
    try Class.forName(name, false, loader)
    catch {
      case missing: ClassNotFoundException =>
        VersionInput.primitives.getOrElse(
          name,
          // Sessions of Spark 4 may have a loader of their own in tasks, which lacks the jars of the context.
          try Class.forName(name, false, TaskLoader.usual)
          catch { case _: ClassNotFoundException => throw missing }
        )
    }
  }

  override protected def resolveProxyClass(interfaces: Array[String]): Class[_] = {
    val loader = annotated()
    // Any handler: only the class is wanted, and there is no other way to it that all versions of Java take.
    val handler: java.lang.reflect.InvocationHandler = (_, _, _) => null
    Proxy.newProxyInstance(loader, interfaces.map(name => Class.forName(name, false, loader): Class[_]), handler).getClass
  }

  private def annotated(): ClassLoader = {
    // Not by asking what is available, which knows only what lies in the buffer; -1 is where the writer left nothing.
    val first = read()
    if (first < 0) usual
    else {
      val number = if (first == VersionStreams.Wide) readInt() else first
      if (found == null) found = new ArrayBuffer[VersionLoader](2)
      if (number == found.size) found += VersionLoaders.of(readUTF())
      else if (number > found.size || number < 0) throw new IOException(s"version number $number in a stream of ${found.size}")
      found(number)
    }
  }
}

private object VersionInput {
  private val primitives: Map[String, Class[_]] = Seq[Class[_]](
    classOf[Boolean],
    classOf[Byte],
    classOf[Char],
    classOf[Short],
    classOf[Int],
    classOf[Long],
    classOf[Float],
    classOf[Double],
    Void.TYPE
  ).map(kind => kind.getName -> kind).toMap
}
