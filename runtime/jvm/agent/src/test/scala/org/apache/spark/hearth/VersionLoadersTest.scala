package org.apache.spark.hearth

import java.lang.ref.WeakReference
import java.nio.file.{Files, Path, Paths}
import java.util.Collections

import scala.collection.mutable

import hearth.agent.TestJar
import org.codehaus.janino.SimpleCompiler
import org.junit.Assert.{assertEquals, assertNotNull, assertNotSame, assertNull, assertSame, assertThrows, assertTrue}
import org.junit.Test

class VersionLoadersTest {
  import VersionLoadersTest.{one, two}

  private val parent = getClass.getClassLoader

  private object jars extends VersionJars {
    val opened = mutable.Buffer.empty[String]
    val forgotten = mutable.Buffer.empty[String]
    override def of(id: String): Seq[Path] = {
      opened += id
      Seq(if (id.startsWith("two")) two else one)
    }
    override def forget(id: String): Unit = forgotten += id
  }

  private def loaders(keep: Int) = new VersionLoaders(jars, parent, ownFirst = false, keep)

  private def collect(ref: WeakReference[_]): Unit = {
    val deadline = System.nanoTime + 20000000000L
    while (ref.get != null && System.nanoTime < deadline) System.gc()
    assertNull(ref.get)
  }

  @Test def aVersionHasOneLoaderWhileItIsInUse(): Unit = {
    val all = loaders(keep = 0)
    val held = all.of("one").loadClass("Named").getDeclaredConstructor().newInstance()
    (1 to 3).foreach(_ => System.gc())
    assertSame(held.getClass.getClassLoader, all.of("one"))
    assertNotSame(all.of("one"), all.of("two"))
    assertEquals(Seq("one", "two"), jars.opened.toSeq)
  }

  @Test def itsJarsAreForgottenWhenItIsGone(): Unit = {
    val all = loaders(keep = 0)
    collect(new WeakReference(all.of("one")))
    assertEquals(None, all.known("one"))
    val deadline = System.nanoTime + 20000000000L
    var next = 0
    while (jars.forgotten.isEmpty && System.nanoTime < deadline) { next += 1; all.of(s"other-$next") }
    assertEquals("one", jars.forgotten.head)
  }

  @Test def theLastOnesAreKept(): Unit = {
    val all = loaders(keep = 2)
    val refs = Seq("one", "two", "other").map { id =>
      val ref = new WeakReference(all.of(id))
      all.of("one")
      ref
    }
    collect(refs(1))
    assertSame(refs.head.get, all.of("one"))
    assertSame(refs.last.get, all.of("other"))
  }

  @Test def aNameThatTwoHaveIsRefused(): Unit = {
    val all = loaders(keep = 2)
    val (first, second) = (all.of("one"), all.of("two"))
    def named(union: ClassLoader) = Class.forName("Named", false, union).getClassLoader
    // In a task what the stream named comes first, and the submitter's own version fills in.
    assertSame(first, named(UnionLoader.of(Seq(first), Some(second), ownFirst = false)))
    assertSame(second, Class.forName("OfTwo", false, UnionLoader.of(Seq(first), Some(second), ownFirst = false)).getClassLoader)
    // In the driver it is the other way round.
    assertSame(second, named(UnionLoader.of(Seq(first), Some(second), ownFirst = true)))
    val both = UnionLoader.of(Seq(first, second), None, ownFirst = false)
    val error = assertThrows(classOf[ClassNotFoundException], () => { named(both); () })
    assertTrue(error.getMessage, error.getMessage.startsWith("Named: 2 versions of this class meet here (version one, version two)"))
  }

  @Test def generatedCodeMayNotUseANameThatMeansTwoClasses(): Unit = {
    val all = loaders(keep = 2)
    val (first, second) = (all.of("one"), all.of("two"))
    def compile(refused: Set[String]): ClassLoader = {
      val union = UnionLoader.of(Seq(first), Some(second), ownFirst = true, refused)
      // The job's own look-ups are not refused.
      assertSame(second, Class.forName("Named", false, union).getClassLoader)
      val compiler = new SimpleCompiler
      // As Spark puts a loader between.
      compiler.setParentClassLoader(new ClassLoader(union) {})
      compiler.cook("public class Generated { public Named named; }")
      compiler.getClassLoader.loadClass("Generated").getField("named").getType.getClassLoader
    }
    assertSame(second, compile(refused = Set.empty))
    val error = assertThrows(classOf[Exception], () => { compile(refused = Set("Named")); () })
    assertTrue(error.toString, error.getMessage.contains("Named: 2 versions of this class meet here"))
  }

  @Test def aResourceIsTheSubmittersOwn(): Unit = {
    val all = loaders(keep = 2)
    val (first, second) = (all.of("one"), all.of("two"))
    val union = UnionLoader.of(Seq(first), Some(second), ownFirst = false)
    assertEquals(second.getResource("Named.class"), union.getResource("Named.class"))
    assertEquals(2, Collections.list(union.getResources("Named.class")).size)
    assertEquals(parent.getResource("hearth/agent/Agent.class"), union.getResource("hearth/agent/Agent.class"))
  }

  @Test def aVersionOutlivesItsFiles(): Unit = {
    val copy = Files.copy(one, one.resolveSibling("deleted.jar"))
    object deleted extends VersionJars {
      override def of(id: String): Seq[Path] = Seq(two, copy)
      override def forget(id: String): Unit = ()
    }
    val version = new VersionLoaders(deleted, parent, ownFirst = false, keep = 0).of("deleted")
    Files.delete(copy)
    assertEquals(2, Collections.list(version.findResources("Named.class")).size)
  }

  @Test def aUnionOfVersionsThatAreNotKeptGoes(): Unit = {
    val all = loaders(keep = 0)
    val kept = all.of("one")
    def union(other: String) = new WeakReference(UnionLoader.of(Seq(kept), Some(all.of(other)), ownFirst = false))
    val gone = union("two")
    (1 to 3).foreach(_ => System.gc())
    assertNotNull("Tasks that come next would have another one", gone.get)
    VersionLoaders.keepOnly(Set(kept))
    collect(gone)
  }

  @Test def aUnionIsOneAndTheSame(): Unit = {
    val all = loaders(keep = 2)
    val (first, second) = (all.of("one"), all.of("two"))
    def union = UnionLoader.of(Seq(first), Some(second), ownFirst = false)
    assertSame(union, union)
    assertNotSame(union, UnionLoader.of(Seq(first), Some(second), ownFirst = true))
    assertSame(first, UnionLoader.of(Seq(first), Some(first), ownFirst = false))
    assertSame(first, UnionLoader.of(Nil, Some(first), ownFirst = true))
  }
}

object VersionLoadersTest {
  private def jar(source: String): Path = Paths.get(TestJar.of("Named", source).path)

  private val one = jar("public class Named { }")
  private val two = jar("public class Named { } class OfTwo { }")
}
