package org.apache.spark.hearth

import java.io.{File, IOException}
import java.nio.file.{Files, Path, Paths}

import scala.collection.mutable

import org.apache.spark.hearth.VersionJars.Jar
import org.apache.spark.rpc.RpcEnvFileServer
import org.junit.Assert.{assertEquals, assertFalse, assertThrows, assertTrue}
import org.junit.Test

class VersionJarsTest {
  private val folder = Files.createTempDirectory(Paths.get(System.getProperty("hearth.test.target")), "offered")

  private object server extends RpcEnvFileServer {
    val served = mutable.Set.empty[String]
    override def addFile(file: File): String = { served += file.getName; file.getName }
    override def addJar(file: File): String = addFile(file)
    override def addDirectory(baseUri: String, path: File): String = addFile(path)
    override def addDirectoryIfAbsent(baseUri: String, path: File): String = addFile(path)
    override def removeFile(key: String): Unit = served -= key
    override def removeJar(key: String): Unit = served -= key
  }

  private val jars = new OfferedJars(Some(server), folder)

  private def jar(name: String): Jar = Jar(name, Files.write(folder.resolveSibling(s"$name.bin"), name.getBytes))

  private def text(path: Path) = new String(Files.readAllBytes(path))

  @Test def anIdIsThatOfJarsInTheirOrder(): Unit = {
    assertEquals(VersionJars.idOf(Seq("a", "b")), VersionJars.idOf(Seq("a", "b")))
    assertEquals(12, VersionJars.idOf(Seq("a", "b")).length)
    val ids = Seq(Nil, Seq("a"), Seq("b"), Seq("a", "b"), Seq("b", "a")).map(VersionJars.idOf)
    assertEquals(ids.size, ids.distinct.size)
  }

  @Test def aJarIsServedAsLongAsAVersionHasIt(): Unit = {
    val (one, two) = (jar("one"), jar("two"))
    jars.offer("1", Seq(one, two))
    jars.offer("1", Seq(one, two))
    jars.offer("2", Seq(two))
    assertEquals(Set("one.jar", "two.jar", "hearth-version-1", "hearth-version-2"), server.served.toSet)
    assertEquals("one.jar\ntwo.jar", text(folder.resolve("hearth-version-1")))
    assertEquals(Seq(one.path, two.path), jars.of("1"))
    jars.forget("1")
    assertEquals(Set("two.jar", "hearth-version-2"), server.served.toSet)
    assertFalse(Files.exists(folder.resolve("one.jar")))
    jars.forget("2")
    jars.forget("2")
    assertEquals(Set.empty, server.served.toSet)
    assertEquals(0, folder.toFile.list.length)
  }

  @Test def aJarMayBeThereTwice(): Unit = {
    val one = jar("one")
    jars.offer("1", Seq(one, one.copy(path = jar("same").path)))
    jars.forget("1")
    assertEquals(Set.empty, server.served.toSet)
  }

  @Test def whatCouldNotBeOfferedIsOfferedAnew(): Unit = {
    val (one, late) = (jar("one"), jar("late"))
    Files.delete(late.path)
    assertThrows(classOf[IOException], () => jars.offer("1", Seq(one, late)))
    jar("late")
    jars.offer("1", Seq(one, late))
    jars.forget("1")
    assertEquals(Set.empty, server.served.toSet)
  }

  @Test def aJarIsThereAfterTheServerHasDeletedIt(): Unit = {
    val one = jar("deleted")
    jars.offer("1", Seq(one))
    Files.delete(one.path)
    assertEquals("deleted", text(folder.resolve("deleted.jar")))
  }

  @Test def saysWhatIsNotThere(): Unit = {
    val error = assertThrows(classOf[IOException], () => { jars.of("gone"); () })
    assertTrue(error.getMessage, error.getMessage.contains("Version gone is no longer here"))
    jars.offer("1", Seq(jar("one")))
    assertThrows(classOf[IllegalStateException], () => jars.offer("1", Seq(jar("other"))))
  }
}
