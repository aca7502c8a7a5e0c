package org.apache.spark.hearth

import scala.collection.mutable

import com.esotericsoftware.kryo.{Kryo, Registration, Serializer}
import com.esotericsoftware.kryo.io.{Input, Output}
import com.esotericsoftware.kryo.util.{DefaultClassResolver, IdentityObjectIntMap}
import org.apache.spark.serializer.KryoRegistrator
import org.slf4j.LoggerFactory

/**
 * Writes a class of a version as `NAME@VERSION`, and reads that. Never as a number: that would mean another class to
 * the next version.
 *
 * The registrators of a version run when its first class comes along, which is not at the same time where something is
 * written and where it is read. So they decide how the version's own classes are written, and of all other classes only
 * that they may be.
 *
 * @param ofJobs what a version's own jars are to register
 */
private[hearth] final class VersionResolver(ofJobs: KryoNames) extends DefaultClassResolver {
  import VersionResolver.{unregistered, warn, MaxVersions, OfVersion, Unchangeable}

  private final class Registered {
    val classes = new java.util.IdentityHashMap[Class[_], Registration]
  }

  private val versions = mutable.LinkedHashMap.empty[VersionLoader, Registered]

  // By what streams call them.
  private val named = new java.util.HashMap[String, Class[_]]

  // The version whose registrators are running.
  private var collecting: Option[VersionLoader] = None

  private var isReading = false

  override def getRegistration(kind: Class[_]): Registration = kind.getClassLoader match {
    case version: VersionLoader =>
      val own = registered(version).classes.get(kind)
      if (own == null && ofJobs.classes(kind.getName)) super.registerImplicit(kind) else own
    case _ =>
      val known = super.getRegistration(kind)
      if (known == null) whenUnknown(kind)
      else if (collecting.isEmpty) known
      else new Unchangeable(known, collecting.get)
  }

  private def whenUnknown(kind: Class[_]): Registration =
    if (!kryo.isRegistrationRequired || collecting.isDefined) null
    // Who wrote it had it registered.
    else if (isReading) super.registerImplicit(kind)
    else {
      // Perhaps one of these registers it.
      val (others, own) = UnionLoader.versionsOf(Thread.currentThread.getContextClassLoader)
      (others ++ own).foreach(registered)
      super.getRegistration(kind)
    }

  override def register(registration: Registration): Registration = {
    val kind = registration.getType
    kind.getClassLoader match {
      case version: VersionLoader =>
        val own = new OfVersion(kind, registration.getSerializer, s"${kind.getName}@${version.id}")
        registered(version).classes.put(kind, own)
        own
      case _ => collecting.fold(super.register(registration))(allow(kind, registration.getSerializer, _))
    }
  }

  /** A class of no version, which a version's registrator names. */
  private def allow(kind: Class[_], serializer: Serializer[_], version: VersionLoader): Registration = {
    val usual = kryo.getDefaultSerializer(kind)
    if (serializer.getClass != usual.getClass) warn(kind, version)
    new Unchangeable(super.register(new Registration(kind, usual, DefaultClassResolver.NAME)), version)
  }

  override protected def readName(in: Input): Registration = {
    isReading = true
    try super.readName(in)
    finally isReading = false
  }

  override protected def writeName(out: Output, kind: Class[_], registration: Registration): Unit =
    registration match {
      case own: OfVersion =>
        out.writeVarInt(DefaultClassResolver.NAME + 2, true)
        if (classToNameId == null) classToNameId = new IdentityObjectIntMap
        val known = classToNameId.get(kind, -1)
        val number = if (known >= 0) known else nextNameId
        out.writeVarInt(number, true)
        if (known < 0) {
          nextNameId += 1
          classToNameId.put(kind, number)
          out.writeString(own.text)
        }
      case _ => super.writeName(out, kind, registration)
    }

  override protected def getTypeByName(name: String): Class[_] = name.lastIndexOf('@') match {
    case -1 => super.getTypeByName(name)
    case at =>
      named.computeIfAbsent(name, _ => Class.forName(name.take(at), false, VersionLoaders.of(name.drop(at + 1))))
  }

  override def reset(): Unit = {
    super.reset()
    // The base class does not where registration is required, for then it writes no names.
    if (kryo.isRegistrationRequired) {
      if (classToNameId != null) classToNameId.clear()
      if (nameIdToClass != null) nameIdToClass.clear()
      nextNameId = 0
    }
    // A Kryo lives long, and is to keep few versions from the garbage collector.
    if (versions.size > MaxVersions) {
      versions.clear()
      named.clear()
    }
  }

  private def registered(version: VersionLoader): Registered = versions.getOrElse(
    version, {
      val made = new Registered
      versions.put(version, made)
      val before = collecting
      collecting = Some(version)
      try ofJobs.registrators.foreach(run(_, version))
      catch {
        case error: Throwable =>
          versions.remove(version)
          throw error
      } finally collecting = before
      made
    }
  )

  /** Runs a registrator with the version's classes; one that the version does not have is for others. */
  private def run(name: String, version: VersionLoader): Unit = {
    val found =
      try Option[Class[_]](Class.forName(name, true, version))
      catch { case _: ClassNotFoundException => None }
    val thread = Thread.currentThread
    val usual = thread.getContextClassLoader
    found.foreach { kind =>
      thread.setContextClassLoader(version)
      try kind.getDeclaredConstructor().newInstance().asInstanceOf[KryoRegistrator].registerClasses(kryo)
      catch { case error: Exception => throw unregistered(name, version, error) }
      finally thread.setContextClassLoader(usual)
    }
  }
}

private[hearth] object VersionResolver {
  private val log = LoggerFactory.getLogger(classOf[VersionResolver])

  /** @param text what is written for the class */
  private final class OfVersion(kind: Class[_], serializer: Serializer[_], val text: String)
      extends Registration(kind, serializer, DefaultClassResolver.NAME)

  /** What a version's registrator gets to see of a class that is not its own. */
  private final class Unchangeable(of: Registration, version: VersionLoader)
      extends Registration(of.getType, of.getSerializer, of.getId) {
    override def setSerializer(other: Serializer[_]): Unit =
      if (other.getClass != getSerializer.getClass) warn(getType, version)
  }

  private def warn(kind: Class[_], by: VersionLoader): Unit =
    log.warn(s"Kryo's serializer for ${kind.getName} is not used: a job's jar ($by) registers it, and the class is not in " +
      "that jar. Put the registrator into a jar of the context (dependent-jar-uris)")

  private val MaxVersions = 8

  /** Gives the Kryo a resolver that knows what its own knew. */
  def replaceThatOf(kryo: Kryo, ofJobs: KryoNames): Unit = {
    val before = kryo.getClassResolver
    val resolver = new VersionResolver(ofJobs)
    resolver.setKryo(kryo)
    Iterator.from(0).map(before.getRegistration(_)).takeWhile(_ != null).foreach(resolver.register)
    Fields.set(kryo, "classResolver", resolver)
  }

  private def unregistered(name: String, version: VersionLoader, error: Exception): Exception =
    new org.apache.spark.SparkException(s"The Kryo registrator $name of $version failed: ${error.getMessage}", error)
}
