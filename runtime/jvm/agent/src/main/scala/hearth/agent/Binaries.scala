package hearth.agent

import java.io.File
import java.lang.reflect.{Constructor, InvocationTargetException}
import java.nio.file.{Files, NoSuchFileException, Paths}
import java.util.concurrent.ConcurrentHashMap

import org.apache.spark.hearth.{DriverVersions, VersionJars, VersionLoader}
import spark.jobserver.{JavaJarInfo, JobCache, JobJarInfo, PythonJobInfo}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.BaseJavaJob

/** A file of a job's class path. The same digest is the same bytes. */
final case class Binary(digest: String, path: String)

/**
 * One set of binaries as a job sees it: its class loader and its job classes. Jobs of the same set share it; those of a
 * newer upload get another one.
 */
final class Version(val loader: VersionLoader) extends JobCache {
  private val scalaJobs = new ConcurrentHashMap[String, () => SparkJobBase]
  private val javaJobs = new ConcurrentHashMap[String, () => BaseJavaJob[_, _]]

  // The class path is that of this version: a factory gets it from the agent and only passes it through.
  override def getSparkJob(classPath: Seq[String], mainClass: String): JobJarInfo = {
    val make = scalaJobs.computeIfAbsent(mainClass, constructor(_, classOf[SparkJobBase]))
    JobJarInfo(make, mainClass, classPath.headOption.getOrElse(""))
  }

  override def getJavaJob(classPath: Seq[String], mainClass: String): JavaJarInfo = {
    val make = javaJobs.computeIfAbsent(mainClass, constructor(_, classOf[BaseJavaJob[_, _]]))
    JavaJarInfo(make(), mainClass, classPath.headOption.getOrElse(""))
  }

  override def getPythonJob(classPath: Seq[String], mainClass: String): PythonJobInfo =
    PythonJobInfo(classPath.headOption.getOrElse(throw new ClassNotFoundException(mainClass)))

  private def constructor[T](name: String, kind: Class[T]): () => T = {
    val module = find(name + "$").filter(_.getFields.exists(_.getName == "MODULE$"))
    val plain = find(name)
    if (module.isEmpty && plain.isEmpty) throw new ClassNotFoundException(name)
    (module ++ plain).find(kind.isAssignableFrom) match {
      case found if found.isDefined && found == module =>
        val instance = kind.cast(module.get.getField("MODULE$").get(null))
        () => instance
      case Some(job) =>
        val make = job.getDeclaredConstructor()
        () => kind.cast(instantiate(make))
      case None =>
        val wrong = (module ++ plain).head
        throw new ClassCastException(s"$wrong cannot be cast to $kind")
    }
  }

  private def find(name: String): Option[Class[_]] =
    try Some(Class.forName(name, false, loader))
    catch { case e: ClassNotFoundException if e.getMessage == name => None }

  private def instantiate(make: Constructor[_]): Any =
    try make.newInstance()
    catch {
      case e: InvocationTargetException =>
        throw (e.getCause match {
          // It would look as if the main class were missing.
          case missing: ClassNotFoundException => new NoClassDefFoundError(missing.getMessage).initCause(missing)
          case cause => cause
        })
    }
}

/**
 * The versions in use. Those of running jobs stay, and of the others the most recently used. One that goes lives on for
 * as long as anything of its classes does: a named object, a thread that a job left behind.
 *
 * @param keep how many versions stay at least
 */
final class Binaries(versions: DriverVersions, keep: Int = 16) {

  private final class Entry(val version: Version) {
    var jobs = 0
  }

  private val entries = new java.util.LinkedHashMap[String, Entry](16, 0.75f, true)

  /**
   * The version that these binaries make up, held until it is released.
   *
   * @throws java.nio.file.NoSuchFileException when one of them is not there
   */
  def acquire(binaries: Seq[Binary]): Version = synchronized {
    // The order is part of it: of two classes of one name the first binary's wins.
    val key = binaries.map(_.digest).mkString(",")
    val entry = Option(entries.get(key)).getOrElse {
      val made = new Entry(open(binaries))
      entries.put(key, made)
      made
    }
    entry.jobs += 1
    evict()
    entry.version
  }

  def release(version: Version): Unit = synchronized {
    entries.values.forEach(entry => if (entry.version eq version) entry.jobs -= 1)
  }

  private def open(binaries: Seq[Binary]): Version = {
    val jars = binaries.map(binary => VersionJars.Jar(binary.digest, Paths.get(binary.path)))
    jars.find(jar => !Files.exists(jar.path)).foreach(jar => throw new NoSuchFileException(jar.path.toString))
    new Version(versions.of(jars))
  }

  private def evict(): Unit = if (entries.size > keep) {
    val before = entries.size
    val oldest = entries.values.iterator
    while (entries.size > keep && oldest.hasNext) if (oldest.next().jobs == 0) oldest.remove()
    if (entries.size < before) {
      val kept = Set.newBuilder[VersionLoader]
      entries.values.forEach { entry => kept += entry.version.loader; () }
      versions.keepOnly(kept.result())
    }
  }
}

object Binaries {

  /** Where the classes of the agent, and of the job API with it, were loaded from. */
  def agentJar: File = new File(getClass.getProtectionDomain.getCodeSource.getLocation.toURI)
}
