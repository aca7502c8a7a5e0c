package org.apache.spark.hearth

import java.nio.file.Paths
import java.util.Properties
import java.util.concurrent.{Callable, Executors, ScheduledThreadPoolExecutor, TimeUnit}

import hearth.agent.TestJar
import org.junit.{After, Test}
import org.junit.Assert.{assertEquals, assertNull, assertSame, assertTrue}

/** Whose the work of a thread is. */
class JobThreadsTest {
  import JobThreadsTest._

  private val threads = new JobThreads
  private val pool = Executors.newSingleThreadExecutor()

  @After def close(): Unit = { pool.shutdownNow(); () }

  /** Does it on a thread of its own, as a job: the job's group at its end. */
  private def asJob[T](job: String, version: VersionLoader)(work: => T): T = {
    val owner = JobOwner(job, version.id, s"description of $job")
    onThread { threads.begin(owner); work }
  }

  private def onThread[T](work: => T): T = {
    var result: Either[Throwable, T] = Left(new IllegalStateException("It did not run"))
    val thread = new Thread(() => result = try Right(work) catch { case error: Throwable => Left(error) })
    thread.start()
    thread.join()
    result.fold(throw _, identity)
  }

  /** As code of that version sees it. */
  private def seenBy(version: VersionLoader): String = calledBy(version)(group)

  private def group: String = threads.get.getProperty("spark.jobGroup.id")

  private def inPool[T](work: => T): T = pool.submit((() => work): Callable[T]).get

  @Test def aThreadThatAJobMakesIsTheJobs(): Unit =
    asJob("a", one) {
      assertEquals("a", group)
      assertEquals("description of a", threads.get.getProperty("spark.job.description"))
      assertEquals("true", threads.get.getProperty("spark.job.interruptOnCancel"))
      assertEquals("a", onThread(seenBy(one)))
      assertEquals(one.id, onThread(calledBy(one)(threads.get.getProperty(JobThreads.Version))))
    }

  @Test def aPoolsWorkIsThatOfTheJobWhoseCodeRuns(): Unit = {
    asJob("a", one)(inPool(assertEquals("a", seenBy(one))))
    asJob("b", two) {
      assertEquals("b", inPool(seenBy(two)))
      assertEquals("description of b", inPool(calledBy(two)(threads.get.getProperty("spark.job.description"))))
      // No code of a version: Spark's own, and what the thread has stays.
      assertEquals("b", inPool(group))
      assertEquals("a", inPool(seenBy(one)))
    }
  }

  @Test def soIsThatOfAThreadThatItMakesThere(): Unit = {
    asJob("a", one)(inPool(()))
    threads.end("a")
    asJob("b", one)(assertEquals("b", inPool(calledBy(one)(onThread(seenBy(one))))))
  }

  @Test def aPoolsWorkThatMayBeSeveralJobsIsNobodys(): Unit = {
    asJob("a", one)(inPool(assertEquals("a", seenBy(one))))
    asJob("b", one)(inPool(assertEquals("The pool's maker", "a", seenBy(one))))
    threads.end("a")
    asJob("c", one) {
      assertNull(inPool(seenBy(one)))
      threads.end("b")
      assertEquals("c", inPool(seenBy(one)))
    }
  }

  @Test def aTimerIsItsMakers(): Unit = {
    val timer = asJob("a", one) {
      val made = new ScheduledThreadPoolExecutor(1)
      made.prestartAllCoreThreads()
      made
    }
    asJob("b", one) {
      threads.end("a")
      val seen = timer.schedule((() => seenBy(one)): Callable[String], 0, TimeUnit.MILLISECONDS)
      assertEquals("a", seen.get)
    }
    timer.shutdownNow()
    ()
  }

  @Test def whatIsSetForWorkHolds(): Unit = {
    asJob("a", one)(inPool(seenBy(one)))
    asJob("b", two) {
      val properties = new Properties
      properties.setProperty("spark.jobGroup.id", "of Spark")
      inPool(threads.set(properties))
      assertEquals("of Spark", inPool(seenBy(two)))
    }
  }

  @Test def whatIsSetBringsItsLookUpsByName(): Unit = {
    val union = UnionLoader.of(Seq(one), Some(two), ownFirst = true).asInstanceOf[UnionLoader]
    val properties = new Properties
    properties.setProperty(JobThreads.Names, union.number)
    def names = Thread.currentThread.getContextClassLoader
    inPool {
      val (before, namesBefore) = (threads.get, names)
      for (_ <- 1 to 2) {
        threads.set(properties)
        threads.set(JobThreads.copy(properties, new Properties))
        assertSame(union, names)
        threads.set(before)
        assertSame(namesBefore, names)
      }
    }
  }

  @Test def aGroupOfTheJobsOwnStays(): Unit = {
    asJob("a", one)(inPool(calledBy(one)(threads.get.setProperty("spark.jobGroup.id", "own"))))
    asJob("b", two) {
      assertEquals("own", inPool(seenBy(two)))
      assertEquals("b", inPool(calledBy(two)(threads.get.getProperty(JobThreads.Job))))
    }
  }

  @Test def carriedPropertiesLeaveNothing(): Unit = {
    val properties = new Properties
    properties.setProperty("spark.jobGroup.id", "carried")
    asJob("a", one)(inPool(()))
    assertEquals("carried", inPool(threads.withProperties(properties)(group)))
    assertNull(inPool(group))
    assertEquals(
      ("inner", "carried"),
      inPool(threads.withProperties(properties) {
        val inner = new Properties
        inner.setProperty("spark.jobGroup.id", "inner")
        (threads.withProperties(inner)(group), group)
      })
    )
  }

  @Test def aContextClassLoaderOfAnotherVersionIsReplaced(): Unit = {
    asJob("a", one) {
      Thread.currentThread.setContextClassLoader(one)
      inPool(())
    }
    asJob("b", two)(assertEquals(two, inPool(calledBy(two) { threads.get; Thread.currentThread.getContextClassLoader })))
    assertTrue(threads.get.isEmpty)
  }
}

object JobThreadsTest {
  private lazy val jar = TestJar.of(
    "Caller",
    "public class Caller { public static Object call(java.util.concurrent.Callable<?> it) throws Exception { return it.call(); } }"
  )
  private def version(id: String) =
    new VersionLoader(id, Array(Paths.get(jar.path).toUri.toURL), getClass.getClassLoader, ownFirst = false)
  private lazy val one = version("one")
  private lazy val two = version("two")

  private def calledBy[T](version: VersionLoader)(work: => T): T =
    version.loadClass("Caller").getMethod("call", classOf[Callable[_]]).invoke(null, (() => work): Callable[T]).asInstanceOf[T]
}
