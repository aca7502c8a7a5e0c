package hearth.agent

import java.util.concurrent.{CompletableFuture, CountDownLatch, TimeUnit}
import java.util.concurrent.atomic.AtomicInteger

import org.junit.Assert.{assertEquals, assertFalse, assertNull, assertTrue}
import org.junit.Test

/** Reached by jobs under test: they are in the same process. */
object Signals {
  @volatile var running = new CountDownLatch(1)
}

class JobRunnerTest {
  import SharedContext.{context, runner}

  private val ids = JobRunnerTest.ids

  private def job(mainClass: String, binary: Binary, config: String = "{}", maxResult: Long = 1000000): Job =
    new Job(JobRequest(s"job-${ids.incrementAndGet()}", mainClass, Seq(binary), maxResult, 0, "", 0, config.getBytes))

  private def run(mainClass: String, binary: Binary, config: String = "{}", maxResult: Long = 1000000): Outcome =
    runner.run(job(mainClass, binary, config, maxResult), () => (), () => ())

  private def result(outcome: Outcome): String = outcome match {
    case Finished(bytes) => new String(bytes.rest, "UTF-8")
    case other => other.toString
  }

  private def refusal(outcome: Outcome): (String, String) = outcome match {
    case Refused(reason, failure) => (reason, failure.errorClass)
    case other => (other.toString, "")
  }

  private def error(outcome: Outcome): (String, String) = outcome match {
    case Errored(failure) => (failure.errorClass, failure.message)
    case other => (other.toString, "")
  }

  private val summing =
    TestJar.job("Summing", "return sc.parallelize(Arrays.asList(1, 2, 3), 2).reduce((a, b) -> a + b);")

  @Test def runsAndLeavesTheThreadAsItWas(): Unit = {
    val thread = Thread.currentThread
    val before = (thread.getName, thread.getContextClassLoader)
    assertEquals("6", result(run("Summing", summing)))
    assertEquals(before, (thread.getName, thread.getContextClassLoader))
    assertNull(context.sparkContext.getLocalProperty("spark.jobGroup.id"))
  }

  @Test def isStartedOnceItsValidationPassed(): Unit = {
    val careful = TestJar.job(
      "Careful",
      "return config.getString(\"name\");",
      "@Override public String invalidate(JavaSparkContext sc, Config c) { return c.hasPath(\"name\") ? null : \"No name\"; }"
    )
    val started = new AtomicInteger
    val refused = runner.run(job("Careful", careful), () => { started.incrementAndGet(); () }, () => ())
    assertEquals(Refused("validation-failed", refused.asInstanceOf[Refused].failure), refused)
    assertEquals("One(SparkJobInvalid(No name))", refused.asInstanceOf[Refused].failure.message)
    assertEquals("java.lang.Throwable", refused.asInstanceOf[Refused].failure.errorClass)
    assertEquals(0, started.get)
    val ran = runner.run(job("Careful", careful, """{"name": "é"}"""), () => { started.incrementAndGet(); () }, () => ())
    assertEquals("\"é\"", result(ran))
    assertEquals(1, started.get)
  }

  @Test def refusesWhatItCannotLoad(): Unit = {
    assertEquals(("class-not-found", "java.lang.ClassNotFoundException"), refusal(run("NoSuchJob", summing)))
    assertEquals(
      ("loading-failed", "java.lang.ClassCastException"),
      refusal(run("Animal", TestJar.of("Animal", "public class Animal {}")))
    )
    assertEquals(
      ("loading-failed", "java.lang.ClassCastException"),
      refusal(run("spark.jobserver.japi.JavaJob$", summing))
    )
    assertEquals(
      ("loading-failed", "java.lang.IllegalStateException"),
      refusal(run(
        "Broken",
        TestJar.job("Broken", "return 1;", "public Broken() { throw new IllegalStateException(); }")
      ))
    )
    assertEquals(
      ("loading-failed", "java.io.IOException"),
      refusal(run("Summing", Binary("0", "/no/such.jar")))
    )
  }

  @Test def refusesJobsOfOtherContexts(): Unit = {
    val session = classOf[SomeSessionJob].getName
    assertEquals(("wrong-context", "java.lang.IllegalArgumentException"), refusal(run(session, summing)))
  }

  @Test def errorsOfAJobAreItsOwn(): Unit = {
    def failing(name: String, body: String) = error(run(name, TestJar.job(name, body)))
    assertEquals(
      ("java.lang.IllegalArgumentException", "Foobar"),
      failing("Throwing", "throw new IllegalArgumentException(\"Foobar\");")
    )
    assertEquals(
      "java.lang.StackOverflowError",
      failing("Deep", "return runJob(sc, config).toString() + 1;")._1
    )
    assertEquals("java.lang.OutOfMemoryError", failing("Big", "return new long[Integer.MAX_VALUE];")._1)
    assertEquals(
      ("java.lang.NoClassDefFoundError", "x/Y"),
      failing("Missing", "throw new NoClassDefFoundError(\"x/Y\");")
    )
    assertEquals(
      ("java.lang.IllegalStateException", "in toString"),
      failing(
        "Result",
        "return new Object() { public String toString() { throw new IllegalStateException(\"in toString\"); } };"
      )
    )
    assertEquals(
      "org.apache.spark.SparkException",
      failing("Task", "return sc.parallelize(Arrays.asList(0)).map(n -> 1 / n).collect();")._1
    )
    assertEquals("6", result(run("Summing", summing)))
  }

  @Test def aTasksStackOverflowLeavesTheProcessAlive(): Unit = {
    val deep = TestJar.job(
      "DeepTask",
      "return sc.parallelize(Arrays.asList(1)).map(n -> deep(n)).collect();",
      "static int deep(int n) { return deep(n + 1) + 1; }"
    )
    assertEquals("org.apache.spark.SparkException", error(run("DeepTask", deep))._1)
    assertEquals("6", result(run("Summing", summing)))
  }

  @Test def aResultOverItsLimitIsAnError(): Unit = {
    val big = TestJar.job("Long", "return new byte[1000];")
    assertEquals("hearth.agent.ResultTooLarge", error(run("Long", big, maxResult = 100))._1)
  }

  @Test def aJobIsToldWhereItRuns(): Unit = {
    val asking = classOf[AskingJob].getName
    val one = job(asking, summing)
    assertEquals(s"""["${one.id}","context"]""", result(runner.run(one, () => (), () => ())))
  }

  @Test def aKillEndsAJobThatSleeps(): Unit = assertKilled("Thread.sleep(60000); return 1;")

  @Test def aKillEndsAJobThatWaitsForTasks(): Unit =
    assertKilled("return sc.parallelize(Arrays.asList(1, 2)).map(n -> { Thread.sleep(60000); return n; }).collect();")

  @Test def aKilledJobIsKilledWhateverItReturns(): Unit =
    assertKilled("try { Thread.sleep(60000); } catch (InterruptedException e) { } return 1;")

  @Test def oneKilledBeforeItsThreadIsThereNeverRuns(): Unit = {
    val early = job("Summing", summing)
    runner.kill(early)
    assertTrue(runner.run(early, () => (), () => ()).isInstanceOf[Killed])
    assertFalse(Thread.interrupted())
  }

  private def assertKilled(body: String): Unit = {
    Signals.running = new CountDownLatch(1)
    val name = s"Killed${ids.incrementAndGet()}"
    val code =
      s"hearth.agent.Signals.running().countDown(); try { return work(sc); } catch (Exception e) { throw new RuntimeException(e); }"
    val one = job(name, TestJar.job(name, code, s"static Object work(JavaSparkContext sc) throws Exception { $body }"))
    val done = CompletableFuture.supplyAsync(() => runner.run(one, () => (), () => ()))
    Signals.running.await()
    // Until it is over, as the agent does: an action that is submitted after the first is cancelled in its turn.
    while (!done.isDone) {
      runner.kill(one)
      try done.get(100, TimeUnit.MILLISECONDS)
      catch { case _: java.util.concurrent.TimeoutException => () }
    }
    val Killed(failure) = done.get: @unchecked
    assertEquals(s"Job ${one.id} killed", failure.message)
    assertEquals("spark.jobserver.JobKilledException", failure.errorClass)
    assertEquals("6", result(run("Summing", summing)))
  }
}

object JobRunnerTest {
  private val ids = new AtomicInteger
}
