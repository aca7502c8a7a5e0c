package hearth.agent

import java.util.concurrent.{CompletableFuture, ConcurrentHashMap, CountDownLatch, Executors, ExecutorService, TimeUnit}
import java.util.concurrent.atomic.AtomicInteger

import org.junit.{After, Test}
import org.junit.Assert.{assertEquals, assertTrue}

/** What jobs of several versions have in common: they are in the same process. */
object Shared {
  private val things = new ConcurrentHashMap[String, Any]

  /** A pool whose threads whoever comes first makes. */
  @volatile var pool: ExecutorService = _

  /** Two jobs that wait for each other here. */
  @volatile var meeting: CountDownLatch = _

  def put(name: String, it: Any): Unit = things.put(name, it)

  def get(name: String): Any = things.get(name)
}

/** Jobs of several versions in one context, on threads and with objects of each other's making. */
class SharingTest {
  import SharingTest._
  import SharedContext.runner

  Shared.pool = Executors.newFixedThreadPool(1)

  @After def close(): Unit = { Shared.pool.shutdownNow(); () }

  private def job(mainClass: String, binary: Binary, user: String = ""): Job =
    new Job(JobRequest(s"sharing-${ids.incrementAndGet()}", mainClass, Seq(binary), 1000000, 0, user, 0, Array()))

  private def result(outcome: Outcome): String = outcome match {
    case Finished(bytes) => new String(bytes.rest, "UTF-8")
    case other => other.toString
  }

  private def run(mainClass: String, binary: Binary): String = result(runner.run(job(mainClass, binary), () => (), () => ()))

  private def start(job: Job): CompletableFuture[Outcome] =
    CompletableFuture.supplyAsync(() => runner.run(job, () => (), () => ()), threads)

  /** What Spark does now. */
  private def running: Seq[Int] = SharedContext.context.sparkContext.statusTracker.getActiveJobIds().toSeq

  private def until(it: => Boolean): Unit = {
    val deadline = System.nanoTime + 20000000000L
    while (!it && System.nanoTime < deadline) Thread.`yield`()
  }

  /** A job `Counting` that counts with its version on a thread of that kind. */
  private def counting(where: String): Map[Int, Binary] = versions("Counting", Concurrently(where, "count(sc)"))

  @Test def eachRunsItsOwnOnThreadsThatOthersMade(): Unit =
    for ((name, where) <- Concurrently.places) {
      val jars = counting(where)
      for (round <- 1 to 2; number <- 1 to 2)
        assertEquals(s"$name, round $round", s"$number", run("Counting", jars(number)))
    }

  @Test def theWorkThereIsTheJobsOwn(): Unit =
    for ((name, where) <- Concurrently.places) {
      val asking = versions("Asking", Concurrently(where, s"sc.getLocalProperty(${'"'}spark.jobGroup.id${'"'})"))
      for (number <- Seq(1, 2, 1)) {
        val one = job("Asking", asking(number))
        assertEquals(name, s""""${one.id}"""", result(runner.run(one, () => (), () => ())))
      }
    }

  @Test def theUserThereIsTheJobsOwn(): Unit = {
    val asked = "org.apache.hadoop.security.UserGroupInformation.getCurrentUser().getUserName()"
    for (where <- Seq("plain", "thread", "scala", "own pool")) {
      val asking = versions("Asking", Concurrently(Concurrently.places.toMap.apply(where), asked))
      for ((user, number) <- Seq("ada" -> 1, "grace" -> 2, "ada" -> 2)) {
        val one = job("Asking", asking(number), user)
        assertEquals(where, s""""$user"""", result(runner.run(one, () => (), () => ())))
      }
    }
  }

  // By it log lines say whose they are.
  @Test def theNameOfScalasThreadsIsThatOfTheJobs(): Unit =
    for (where <- Seq("plain", "scala")) {
      val asking = versions("Asking", Concurrently(Concurrently.places.toMap.apply(where), "Thread.currentThread().getName()"))
      for (number <- Seq(1, 2, 1)) {
        val one = job("Asking", asking(number))
        assertEquals(where, s""""job ${one.id}"""", result(runner.run(one, () => (), () => ())))
      }
    }

  @Test def aSharedRddIsOfTheVersionThatMadeIt(): Unit = for (cached <- Seq("", ".cache()")) {
    val sharing = versions(
      "Sharing",
      s"""JavaRDD<Item> items = sc.parallelize(Arrays.asList(1, 2), 2).map(n -> new Item())$cached;
         |hearth.agent.Shared.put("items", items); return items.count();""".stripMargin
    )
    val reading = versions(
      "Reading",
      """JavaRDD<?> items = (JavaRDD<?>) hearth.agent.Shared.get("items");
        |return items.map(it -> it + " seen by " + new Item()).distinct().collect();""".stripMargin
    )
    for (maker <- 1 to 2; reader <- 1 to 2) {
      assertEquals("2", run("Sharing", sharing(maker)))
      assertEquals(s"""["item $maker seen by item $reader"]""", run("Reading", reading(reader)))
    }
  }

  private val bean = "org.apache.spark.sql.Encoders.bean(Item.class)"
  private val session = "org.apache.spark.sql.SparkSession session = org.apache.spark.sql.SparkSession.builder().getOrCreate();"
  private def items(rows: Int) =
    s"session.range($rows).map((org.apache.spark.api.java.function.MapFunction<Long, Item>) n -> new Item(), $bean)"

  private lazy val sharingView = versions(
    "Typed",
    s"""$session ${items(2)}
       |  .filter((org.apache.spark.api.java.function.FilterFunction<Item>) it -> it.getN() == it.version())
       |  .toDF().createOrReplaceTempView("items");
       |return 1;""".stripMargin
  )

  @Test def oneQueryMayHaveAClassOfTwoVersions(): Unit = {
    val joining = versions(
      "Typed",
      s"""$session return session.table("items").distinct().crossJoin(${items(1)}.toDF("own"))
         |  .collectAsList().stream().map(it -> it.get(0) + " with " + it.get(1)).toArray();""".stripMargin
    )
    for (maker <- 1 to 2; reader <- 1 to 2) {
      run("Typed", sharingView(maker))
      assertEquals(s"""["$maker with $reader"]""", run("Typed", joining(reader)))
    }
  }

  @Test def oneStageMayNot(): Unit = {
    val mapping = versions(
      "Typed",
      s"""$session
         |org.apache.spark.api.java.function.MapFunction<Item, String> text = it -> it.getN() + " read by " + it.version();
         |org.apache.spark.sql.Encoder<String> texts = org.apache.spark.sql.Encoders.STRING();
         |try { return session.table("items").as($bean).map(text, texts).distinct().collectAsList(); }
         |catch (Exception e) {
         |  // What is its own it can have all the same.
         |  throw new RuntimeException(${items(1)}.map(text, texts).collectAsList() + " without ", e);
         |}""".stripMargin
    )
    run("Typed", sharingView(1))
    val error = run("Typed", mapping(2))
    assertTrue(error, error.startsWith("Errored(Failure(Typed$Item: 2 versions of this class meet here"))
    assertTrue(error, error.contains("[2 read by 2] without "))
    // As the error advises.
    val computing =
      versions("Typed", s"""$session ${items(2)}.toDF().localCheckpoint().createOrReplaceTempView("items"); return 1;""")
    run("Typed", computing(1))
    assertEquals("""["1 read by 2"]""", run("Typed", mapping(2)))
  }

  @Test def itsObjectsAreNotThoseOfAnotherVersion(): Unit = {
    val sharing = versions(
      "Sharing",
      """hearth.agent.Shared.put("items", sc.parallelize(Arrays.asList(1), 1).map(n -> new Item())); return 1;"""
    )
    val casting = versions(
      "Casting",
      """JavaRDD<Item> items = (JavaRDD<Item>) hearth.agent.Shared.get("items");
        |return items.map(it -> it.version()).collect();""".stripMargin
    )
    run("Sharing", sharing(1))
    val error = run("Casting", casting(2))
    assertTrue(error, error.contains("java.lang.ClassCastException"))
  }

  @Test def aKillEndsNoWorkOfAnotherJobOnAThreadOfTheKilledOne(): Unit = for ((name, where) <- Concurrently.pools) {
    // The first makes the threads of the pool and stays; the second works there while the first is killed.
    Shared.meeting = new CountDownLatch(1)
    Signals.running = new CountDownLatch(1)
    val first = versions("First", s"${Concurrently(where, "count(sc)", "")} hearth.agent.Signals.running().countDown(); " + Sleep)(1)
    val second = versions(
      "Second",
      Concurrently(where, "count(sc) + sc.parallelize(Arrays.asList(0)).map(n -> { hearth.agent.Shared.meeting().await(); return n; }).first()")
    )(2)
    val killed = job("First", first)
    val killedEnd = start(killed)
    Signals.running.await()
    val other = job("Second", second)
    val otherEnd = start(other)
    until(running.nonEmpty || otherEnd.isDone)
    runner.kill(killed)
    assertTrue(name, killedEnd.get(20, TimeUnit.SECONDS).isInstanceOf[Killed])
    // Spark cancels on a thread of its own, in the order of what it is told.
    assertEquals("2", run("Counting", versions("Counting", "return count(sc);")(2)))
    Shared.meeting.countDown()
    assertEquals(name, "2", result(otherEnd.get(20, TimeUnit.SECONDS)))
  }

  @Test def aKillEndsTheWorkOfItsJobOnSuchThreads(): Unit = for ((name, where) <- Concurrently.pools) {
    run("Counting", counting(where)(1))
    Signals.running = new CountDownLatch(1)
    val stuck = versions(
      "Stuck",
      Concurrently(where, "sc.parallelize(Arrays.asList(0)).map(n -> { hearth.agent.Signals.running().countDown(); Thread.sleep(60000); return n; }).first()")
    )(2)
    val one = job("Stuck", stuck)
    val end = start(one)
    Signals.running.await()
    runner.kill(one)
    assertTrue(name, end.get(20, TimeUnit.SECONDS).isInstanceOf[Killed])
    until(running.isEmpty)
    assertEquals(name, Seq.empty, running)
  }

  @Test def aStreamIsOfTheVersionThatStartedIt(): Unit = {
    val streaming = versions(
      "Streaming",
      """Set<Object> seen = ConcurrentHashMap.newKeySet();
        |CountDownLatch done = new CountDownLatch(1);
        |org.apache.spark.streaming.api.java.JavaStreamingContext ssc = new org.apache.spark.streaming.api.java.JavaStreamingContext(
        |  sc, org.apache.spark.streaming.Durations.milliseconds(100));
        |Queue<JavaRDD<Integer>> input = new LinkedList<>();
        |input.add(sc.parallelize(Arrays.asList(1, 2), 2));
        |ssc.queueStream(input).map(n -> new Item().version()).foreachRDD(rdd -> {
        |  if (rdd.count() > 0) {
        |    seen.addAll(rdd.collect());
        |    seen.add(count(sc));
        |    done.countDown();
        |  }
        |});
        |ssc.start();
        |try { done.await(); } catch (InterruptedException e) { throw new RuntimeException(e); }
        |finally { ssc.stop(false, false); }
        |return seen;""".stripMargin
    )
    for (number <- Seq(1, 2, 1)) assertEquals(s"[$number]", run("Streaming", streaming(number)))
  }

  @Test def aNameThatNoThreadKnowsIsExplained(): Unit = {
    val byName = "Class.forName(\"Lost$Item\", true, Thread.currentThread().getContextClassLoader()).getName()"
    val lost = versions("Lost", Concurrently(Concurrently.places.toMap.apply("common pool"), byName))(1)
    val error = run("Lost", lost)
    assertTrue(error, error.contains("Lost$Item is in the job's own jar, but the thread that asked for it by name"))
  }
}

/** Code that has its value computed on another thread. */
private object Concurrently {
  private val Return =
    "if (v.get() instanceof Exception) throw new RuntimeException((Exception) v.get()); return v.get();"

  val places: Seq[(String, String)] = Seq(
    "plain" -> "v.set(work.call());",
    "thread" -> "Thread t = new Thread(() -> { try { v.set(work.call()); } catch (Exception e) { v.set(e); } }); t.start(); t.join();",
    "scala" -> "CountDownLatch l = new CountDownLatch(1); scala.concurrent.ExecutionContext.global().execute(() -> { try { v.set(work.call()); } catch (Exception e) { v.set(e); } l.countDown(); }); l.await();",
    "own pool" -> "ExecutorService p = Executors.newFixedThreadPool(1); v.set(p.submit(work).get()); p.shutdown();",
    "shared pool" -> "v.set(hearth.agent.Shared.pool().submit(work).get());",
    // Not by CompletableFuture, which with few cores makes a thread for each and leaves the pool alone.
    "common pool" -> "CountDownLatch l = new CountDownLatch(1); ForkJoinPool.commonPool().execute(() -> { try { v.set(work.call()); } catch (Exception e) { v.set(e); } l.countDown(); }); l.await();",
    "future" -> "v.set(CompletableFuture.supplyAsync(() -> { try { return work.call(); } catch (Exception e) { return e; } }).get());",
    "stream" -> "v.set(Arrays.asList(1, 2, 3, 4).parallelStream().map(n -> { try { return work.call(); } catch (Exception e) { return e; } }).reduce((a, b) -> a.equals(b) ? a : a + \"/\" + b).get());"
  )

  val pools: Seq[(String, String)] = places.filter { case (name, _) => Set("scala", "shared pool", "common pool")(name) }

  def apply(where: String, value: String, after: String = Return): String =
    s"""java.util.concurrent.atomic.AtomicReference<Object> v = new java.util.concurrent.atomic.AtomicReference<>();
       |Callable<Object> work = () -> $value;
       |try { $where } catch (Exception e) { throw new RuntimeException(e); }
       |$after""".stripMargin
}

object SharingTest {
  private val ids = new AtomicInteger
  private val threads = Executors.newCachedThreadPool { (work: Runnable) =>
    val thread = new Thread(work)
    thread.setDaemon(true)
    thread
  }

  private val Sleep = "try { Thread.sleep(60000); } catch (InterruptedException e) { } return 1;"

  /** The same job with items of version 1 and 2. */
  private def versions(mainClass: String, body: String): Map[Int, Binary] =
    (1 to 2).map { number =>
      number -> TestJar.of(
        mainClass,
        s"""import com.typesafe.config.Config;
           |import java.util.*;
           |import java.util.concurrent.*;
           |import org.apache.spark.api.java.*;
           |public class $mainClass extends spark.jobserver.JavaSparkJob {
           |  public static class Item implements java.io.Serializable {
           |    private int n = $number;
           |    public int getN() { return n; }
           |    public void setN(int it) { n = it; }
           |    public int version() { return $number; }
           |    public String toString() { return "item $number"; }
           |    public int hashCode() { return $number; }
           |    public boolean equals(Object other) { return other instanceof Item; }
           |  }
           |  static int count(JavaSparkContext sc) {
           |    return sc.parallelize(Arrays.asList(1, 2), 2).map(n -> new Item().version()).reduce((a, b) -> a.equals(b) ? a : -1);
           |  }
           |  @Override public Object runJob(JavaSparkContext sc, Config config) {
           |    $body
           |  }
           |}
           |""".stripMargin
      )
    }.toMap
}
