package org.apache.spark.hearth

import java.io.IOException
import java.nio.channels.Channels
import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path, Paths, StandardCopyOption}
import java.security.MessageDigest
import java.util.Base64

import scala.collection.mutable
import scala.util.control.NonFatal

import org.apache.spark.rpc.{RpcEnv, RpcEnvFileServer}

/**
 * Where a process has the jars of versions. [[VersionLoaders]] calls it, one call at a time.
 */
private[hearth] trait VersionJars {

  /**
   * The jars of a version, in their order.
   *
   * @throws java.io.IOException when there is no such version, or its jars cannot be had
   */
  def of(id: String): Seq[Path]

  /** The version's loader is gone, and with it the last of its classes in this process. */
  def forget(id: String): Unit
}

object VersionJars {

  /** A jar of a version. The same digest is the same bytes. */
  final case class Jar(digest: String, path: Path)

  /** Nine bytes of a digest: short, for it stands in each record that Kryo writes, and long enough to be its own. */
  def idOf(digests: Seq[String]): String = {
    val all = MessageDigest.getInstance("SHA-256").digest(digests.mkString(",").getBytes(UTF_8))
    Base64.getUrlEncoder.encodeToString(all.take(9))
  }

  /** The file beside the jars that lists them. */
  private[hearth] def listOf(id: String): String = s"hearth-version-$id"

  private[hearth] def jarName(digest: String): String = s"$digest.jar"
}

/**
 * The driver's: all versions come from here. Executors fetch them by Spark's own file server; a local master has none,
 * and its jars are where they are.
 *
 * @param folder for links to the jars, so that they are there for as long as the version is
 */
private[hearth] final class OfferedJars(server: Option[RpcEnvFileServer], folder: Path) extends VersionJars {
  import VersionJars.{jarName, listOf, Jar}

  private val offered = mutable.HashMap.empty[String, Seq[Jar]]
  private val users = mutable.HashMap.empty[String, Int].withDefaultValue(0)

  /**
   * Makes a version known, unless it is.
   *
   * @throws java.lang.IllegalStateException when other jars have this id
   */
  def offer(id: String, jars: Seq[Jar]): Unit = offered.get(id) match {
    case Some(known) if known.map(_.digest) == jars.map(_.digest) =>
    case Some(_) => throw new IllegalStateException(s"The digests of two sets of binaries begin alike: $id")
    case None =>
      server.foreach(serve(_, id, jars))
      offered.put(id, jars)
  }

  override def of(id: String): Seq[Path] =
    offered.getOrElse(id, throw new IOException(s"Version $id is no longer here: none of its jobs and objects is left"))
      .map(_.path)

  override def forget(id: String): Unit = offered.remove(id).foreach { jars =>
    server.foreach { it =>
      jars.map(jar => jarName(jar.digest)).distinct.foreach { name =>
        users(name) -= 1
        if (users(name) == 0) {
          users.remove(name)
          it.removeJar(name)
          Files.deleteIfExists(folder.resolve(name))
        }
      }
      it.removeFile(listOf(id))
      Files.deleteIfExists(folder.resolve(listOf(id)))
    }
  }

  private def serve(server: RpcEnvFileServer, id: String, jars: Seq[Jar]): Unit = {
    Files.createDirectories(folder)
    val files = jars.map(jar => jarName(jar.digest) -> jar.path).toMap
    files.foreach { case (name, path) =>
      if (users(name) == 0) {
        val link = folder.resolve(name)
        Files.deleteIfExists(link)
        hold(link, path.toRealPath())
        server.addJar(link.toFile)
      }
    }
    val list = folder.resolve(listOf(id))
    Files.write(list, jars.map(jar => jarName(jar.digest)).mkString("\n").getBytes(UTF_8))
    server.addFile(list.toFile)
    // Last, so that what fails before it is done anew the next time.
    files.keys.foreach(users(_) += 1)
  }

  /** A hard link, which holds the bytes when the server deletes the file; another file system has none. */
  private def hold(link: Path, file: Path): Unit =
    try Files.createLink(link, file)
    catch { case _: IOException | _: UnsupportedOperationException => Files.createSymbolicLink(link, file) }
}

/**
 * An executor's: fetched from the driver when a class is first needed, each jar once for all versions that have it.
 *
 * @param driver `spark://HOST:PORT` of the driver's file server
 */
private[hearth] final class FetchedJars(rpc: () => RpcEnv, driver: String, folder: => Path) extends VersionJars {
  import VersionJars.listOf

  private lazy val here = folder
  private val fetched = mutable.HashMap.empty[String, Seq[Path]]
  private val users = mutable.HashMap.empty[Path, Int].withDefaultValue(0)

  override def of(id: String): Seq[Path] = fetched.getOrElseUpdate(id, fetch(id))

  override def forget(id: String): Unit = fetched.remove(id).foreach(_.distinct.foreach { jar =>
    users(jar) -= 1
    if (users(jar) == 0) {
      users.remove(jar)
      Files.deleteIfExists(jar)
    }
  })

  private def fetch(id: String): Seq[Path] = {
    val list = download(s"$driver/files/${listOf(id)}", id)
    val jars =
      try new String(Files.readAllBytes(list), UTF_8).split('\n').filter(_.nonEmpty).toVector
      finally Files.deleteIfExists(list)
    val paths = jars.map { name =>
      val target = here.resolve(Paths.get(name).getFileName)
      if (!Files.exists(target)) Files.move(download(s"$driver/jars/$name", id), target)
      target
    }
    paths.distinct.foreach(users(_) += 1)
    paths
  }

  private def download(url: String, id: String): Path = {
    val part = Files.createTempFile(here, "part-", "")
    try {
      val in = Channels.newInputStream(rpc().openChannel(url))
      try Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING)
      finally in.close()
      part
    } catch {
      // Spark throws runtime exceptions for what the driver does not have.
      case NonFatal(error) =>
        Files.deleteIfExists(part)
        throw new IOException(s"Version $id cannot be fetched from the driver: $url: ${error.getMessage}", error)
    }
  }
}
