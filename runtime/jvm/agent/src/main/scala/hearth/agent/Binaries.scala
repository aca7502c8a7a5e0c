package hearth.agent

import java.io.File
import java.lang.reflect.{Constructor, InvocationTargetException}
import java.net.{URL, URLClassLoader}
import java.nio.file.{Files, NoSuchFileException, Path, Paths}
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger

import org.apache.spark.SparkContext
import org.apache.spark.hearth.VersionIsolation
import spark.jobserver.{JavaJarInfo, JobCache, JobJarInfo}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.BaseJavaJob

/** A file of a job's class path. The same digest is the same bytes. */
final case class Binary(digest: String, path: String)

/**
 * One set of binaries as a job sees it: its class loader, its jars in Spark, its job classes. Jobs of the same set share
 * it; those of a newer upload get another one.
 */
final class Version(val id: String, paths: Seq[Path], parent: ClassLoader, ownFirst: Boolean) extends JobCache {
  val loader: ClassLoader = {
    val urls = paths.map(_.toUri.toURL).toArray[URL]
    if (ownFirst) new OwnFirstLoader(urls, parent) else new URLClassLoader(urls, parent)
  }

  private val scalaJobs = new ConcurrentHashMap[String, JobJarInfo]
  private val javaJobs = new ConcurrentHashMap[String, JavaJarInfo]

  // The class path is that of this version: a factory gets it from the agent and only passes it through.
  override def getSparkJob(classPath: Seq[String], mainClass: String): JobJarInfo =
    scalaJobs.computeIfAbsent(mainClass, name => JobJarInfo(constructor(name, classOf[SparkJobBase]), name))

  override def getJavaJob(classPath: Seq[String], mainClass: String): JavaJarInfo =
    javaJobs.computeIfAbsent(mainClass, name => JavaJarInfo(constructor(name, classOf[BaseJavaJob[_, _]]), name))

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
 * The versions in use. Those of running jobs stay, and of the others the most recently used.
 *
 * @param parent loader of what all jobs of the context see
 * @param common jars that executors need whatever the version: the agent's own, for the job API, and the context's
 * @param keep   how many versions stay at least
 */
final class Binaries(sc: SparkContext, parent: ClassLoader, common: Seq[String], keep: Int = 16) {

  private final class Entry(val version: Version) {
    var jobs = 0
  }

  private val entries = new java.util.LinkedHashMap[String, Entry](16, 0.75f, true)
  private val loaders = new ConcurrentHashMap[String, ClassLoader]
  private val ids = new AtomicInteger
  private val ownFirst = sc.getConf.getBoolean(OwnFirstLoader.Setting, defaultValue = false)

  // For links to jars; only tasks in other processes need them.
  private lazy val folder = {
    val made = Files.createTempDirectory("hearth-jars")
    made.toFile.deleteOnExit()
    made
  }

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

  /** The class loader of a version, if it is still in use. */
  def loaderOf(version: String): Option[ClassLoader] = Option(loaders.get(version))

  private def open(binaries: Seq[Binary]): Version = {
    val paths = binaries.map(binary => Paths.get(binary.path))
    paths.find(!Files.exists(_)).foreach(path => throw new NoSuchFileException(path.toString))
    val version = new Version(s"hearth-${ids.incrementAndGet()}", paths, parent, ownFirst)
    // Tasks of a local master find the classes in this process, by way of the VersionRouter.
    if (!sc.isLocal)
      VersionIsolation.addJars(sc, version.id, common ++ binaries.zip(paths).map { case (b, p) => linked(b, p) })
    loaders.put(version.id, version.loader)
    version
  }

  /** Spark serves jars by their file name, and two versions of a binary may well have the same. */
  private def linked(binary: Binary, path: Path): String = {
    val link = folder.resolve(binary.digest + ".jar")
    if (!Files.exists(link)) {
      Files.createSymbolicLink(link, path.toAbsolutePath)
      link.toFile.deleteOnExit()
    }
    link.toString
  }

  private def evict(): Unit = {
    val oldest = entries.values.iterator
    while (entries.size > keep && oldest.hasNext) {
      val entry = oldest.next()
      if (entry.jobs == 0) {
        oldest.remove()
        loaders.remove(entry.version.id)
        // The loader is left to the garbage collector: a thread that a job left behind may still load from it.
        VersionIsolation.removeJars(sc, entry.version.id)
      }
    }
  }
}

object Binaries {

  /** Where the classes of the agent, and of the job API with it, were loaded from. */
  def agentJar: File = new File(getClass.getProtectionDomain.getCodeSource.getLocation.toURI)
}
