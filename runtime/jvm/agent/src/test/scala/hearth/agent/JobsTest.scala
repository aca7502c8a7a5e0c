package hearth.agent

import java.io.DataInputStream
import java.net.{InetAddress, ServerSocket}
import java.util.concurrent.{CountDownLatch, Executors}

import org.junit.{After, Test}
import org.junit.Assert.assertEquals

/** What the server hears of jobs. */
class JobsTest {
  private val listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress)
  private val connection = new Connection(new TcpWire("127.0.0.1", listener.getLocalPort))
  private val server = listener.accept()
  private val in = new DataInputStream(server.getInputStream)
  server.setSoTimeout(20000)

  private val sc = SharedContext.context.sparkContext
  private val threads = Agent.threads()
  private val jobs = new Jobs(SharedContext.runner, () => Some(connection), JobsTest.timer, threads)
  private val progress = new ProgressListener(jobs.tasksOf, JobsTest.timer, () => jobs.sayProgress())
  sc.addSparkListener(progress)

  @After def close(): Unit = {
    sc.removeSparkListener(progress)
    connection.close()
    server.close()
    listener.close()
  }

  private def run(id: String, binary: Binary, mainClass: String, startedAfterMs: Long = 0): Unit =
    jobs
      .run(JobRequest(id, mainClass, Seq(binary), 1000000, 0, "", startedAfterMs, "{}".getBytes))
      .foreach(threads.execute)

  private def expect(kind: Int, job: String): Frame = {
    val frame = Frames.read(in)
    assertEquals((kind, job), (frame.kind, frame.text("job")))
    frame
  }

  @Test def aJobThatEndsAtOnceIsHeardOfOnce(): Unit = {
    val quick = TestJar.job("Quick", "return 1;")
    for (n <- 1 to 20) {
      run(s"quick-$n", quick, "Quick", startedAfterMs = 10000)
      expect(Kind.JobEnded, s"quick-$n")
      jobs.stored(s"quick-$n")
    }
    assertEquals((Nil, Nil), (jobs.running, jobs.ended))
  }

  @Test def aJobThatGoesOnSaysThatItRunsAndHowFarItIs(): Unit = {
    Signals.running = new CountDownLatch(1)
    val half = TestJar.job(
      "Half",
      "return sc.parallelize(Arrays.asList(0, 1), 2).map(n -> { if (n == 1) hearth.agent.Signals.running().await(); return n; }).count();"
    )
    run("half", half, "Half", startedAfterMs = 1)
    expect(Kind.JobStarted, "half")
    var said = expect(Kind.JobProgress, "half")
    while (said.number("done") == 0) said = expect(Kind.JobProgress, "half")
    assertEquals((1L, 2L), (said.number("done"), said.number("total")))
    assertEquals("count at Half.java:5", said.text("text").replaceAll("stage \\d+: ", ""))
    // A server that comes back is told both again.
    jobs.repeatAll(connection)
    expect(Kind.JobStarted, "half")
    assertEquals(1L, expect(Kind.JobProgress, "half").number("done"))
    Signals.running.countDown()
    // On a slow machine it may say once more how far it is.
    var last = Frames.read(in)
    while (last.kind == Kind.JobProgress) last = Frames.read(in)
    assertEquals((Kind.JobEnded, "half", "2"), (last.kind, last.text("job"), new String(last.payload)))
  }
}

object JobsTest {
  private val timer = Executors.newScheduledThreadPool(1)
}
