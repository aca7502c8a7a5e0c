package hearth.agent

import java.lang.ref.WeakReference

import org.junit.Assert.{assertEquals, assertNotSame, assertNull, assertSame, assertTrue}
import org.junit.Test

class VersionsTest {
  import SharedContext.{binaries, runner, versions}

  private def versioned(number: Int): Binary = TestJar.job(
    "Versioned",
    """Item item = new Item();
      |var shared = sc.broadcast(item);
      |List<Integer> seen = new ArrayList<>();
      |seen.add(item.version());
      |seen.addAll(sc.parallelize(Arrays.asList(1, 2), 2).map(n -> new Item().version()).collect());
      |seen.addAll(sc.parallelize(Arrays.asList(1, 2), 2).map(n -> shared.value().version()).collect());
      |for (Item made : sc.parallelize(Arrays.asList(1, 2), 2).map(n -> new Item()).collect()) seen.add(made.version());
      |Thread other = new Thread(() -> seen.add(sc.parallelize(Arrays.asList(1), 1).map(n -> new Item().version()).first()));
      |other.start();
      |try { other.join(); } catch (InterruptedException e) { throw new RuntimeException(e); }
      |return new TreeSet<>(seen);""".stripMargin,
    s"public static class Item implements java.io.Serializable { int version() { return $number; } }"
  )

  private def run(id: String, binary: Binary): String =
    runner.run(new Job(JobRequest(id, "Versioned", Seq(binary), 1000000, 0, "", 0, Array())), () => (), () => ()) match {
      case Finished(bytes) => new String(bytes.rest)
      case other => other.toString
    }

  @Test def twoVersionsOfAClassRunByTurns(): Unit = {
    val jars = (1 to 2).map(number => number -> versioned(number))
    for (round <- 1 to 5; (number, jar) <- jars) assertEquals(s"[$number]", run(s"versions-$round-$number", jar))
  }

  @Test def sameBinariesSameLoader(): Unit = {
    val (one, two) = (TestJar.job("One", "return 1;"), TestJar.job("Two", "return 2;"))
    def use[T](list: Binary*)(work: Version => T): T = {
      val version = binaries.acquire(list)
      try work(version)
      finally binaries.release(version)
    }
    val first = use(one)(_.loader)
    assertSame(first, use(one.copy())(_.loader))
    assertNotSame(first, use(one, two)(_.loader))
    assertNotSame(use(two, one)(_.loader), use(one, two)(_.loader))
  }

  @Test def versionsOutOfUseAreForgotten(): Unit =
    expectForgotten(TestJar.job("Versioned", "return getClass().getClassLoader().hashCode();"))

  @Test def soAreThoseThatSparkCompiledCodeFor(): Unit = {
    // Not of the job's making, for what Spark SQL shares keeps the loader of the thread that first used it.
    SharedContext.context
    org.apache.spark.sql.SparkSession.builder().getOrCreate().range(1).count()
    expectForgotten(TestJar.job(
      "Versioned",
      """var session = org.apache.spark.sql.SparkSession.builder().getOrCreate();
        |org.apache.spark.api.java.function.MapFunction<Long, Long> next = n -> n + 1;
        |return session.range(2).map(next, org.apache.spark.sql.Encoders.LONG()).collectAsList().size();""".stripMargin
    ))
  }

  @Test def soAreThoseOfObjectsThatSparkMeasured(): Unit =
    // With a field: that is what Spark keeps.
    expectForgotten(TestJar.job(
      "Versioned",
      "return org.apache.spark.util.SizeEstimator.estimate(new Object() { Object field = 1; });"
    ))

  private def expectForgotten(used: Binary): Unit = {
    val held = binaries.acquire(Seq(TestJar.job("Held", "return 0;")))
    val (loader, id) = runAndRelease(used)
    (1 to 3).foreach { number =>
      binaries.release(binaries.acquire(Seq(TestJar.job(s"Later$number", "return 0;"))))
    }
    binaries.release(held)
    val deadline = System.nanoTime + 20000000000L
    while (loader.get != null && System.nanoTime < deadline) System.gc()
    assertNull(loader.get)
    assertEquals(None, versions.known(id))
    assertEquals(Some(held.loader), versions.known(held.loader.id))
  }

  // In a method of its own, so that no variable of the test holds the loader.
  private def runAndRelease(binary: Binary): (WeakReference[ClassLoader], String) = {
    assertTrue(run(s"forgotten-${binary.digest}", binary).matches("-?[0-9]+"))
    val version = binaries.acquire(Seq(binary))
    binaries.release(version)
    (new WeakReference(version.loader), version.loader.id)
  }
}
