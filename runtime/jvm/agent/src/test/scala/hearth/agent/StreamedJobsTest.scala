package hearth.agent

import java.io.DataInputStream
import java.net.{InetAddress, ServerSocket, Socket}
import java.util.concurrent.{CountDownLatch, Executors}
import java.util.concurrent.atomic.AtomicInteger

import scala.annotation.tailrec

import org.junit.{After, Test}
import org.junit.Assert.{assertEquals, assertFalse, assertTrue}

/** Large results and streams as the server gets them. */
class StreamedJobsTest {
  private val server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress)
  private val timer = Executors.newScheduledThreadPool(1)
  @volatile private var connection = dial()
  private var peer: Socket = server.accept()
  private val threads = Agent.threads()
  private val jobs = new Jobs(SharedContext.runner, () => Some(connection), timer, threads)

  private def dial() = new Connection(new TcpWire("127.0.0.1", server.getLocalPort))

  private def read(): Frame = {
    peer.setSoTimeout(30000)
    Frames.read(new DataInputStream(peer.getInputStream))
  }

  private def start(mainClass: String, body: String, credit: Long = 1 << 20): String = {
    Signals.running = new CountDownLatch(1)
    val id = s"jobs-${StreamedJobsTest.ids.incrementAndGet()}"
    jobs
      .run(JobRequest(id, mainClass, Seq(TestJar.job(mainClass, body)), 1 << 30, credit, "", 0, Array()))
      .foreach(threads.execute)
    assertEquals(Kind.JobStarted, read().kind)
    id
  }

  /** What parts and end bring, each part paid for by new credit. */
  private def rest(job: String): String = {
    @tailrec def collect(sofar: String): String = {
      val frame = read()
      val all = sofar + new String(frame.payload, "UTF-8")
      if (frame.kind == Kind.JobEnded) {
        assertEquals("finished", frame.text("outcome"))
        all
      } else {
        assertEquals(Kind.ResultPart, frame.kind)
        jobs.credit(job, frame.payload.length)
        collect(all)
      }
    }
    collect("")
  }

  private def redial(): Unit = {
    connection.close()
    peer.close()
    connection = dial()
    peer = server.accept()
    jobs.lost()
    jobs.repeatAll(connection)
  }

  private def files: Int = SharedContext.folder.toFile.list.count(_.startsWith("result-"))

  /** A stream of bytes that says `[1,` and goes on when the test says so. */
  private val halting =
    """return new java.io.InputStream() {
      |  int n = 0;
      |  @Override public int read() { throw new IllegalStateException(); }
      |  @Override public int read(byte[] to, int from, int length) throws java.io.IOException {
      |    if (n == 1) try { hearth.agent.Signals.running().await(); }
      |                catch (InterruptedException e) { throw new java.io.InterruptedIOException(); }
      |    if (n == 2) return -1;
      |    byte[] text = (n++ == 0 ? "[1," : "2]").getBytes();
      |    System.arraycopy(text, 0, to, from, text.length);
      |    return text.length;
      |  }
      |};""".stripMargin

  private val endless =
    """return new Iterator<String>() {
      |  @Override public boolean hasNext() { return true; }
      |  @Override public String next() { return "some text, and so on"; }
      |};""".stripMargin

  @After def close(): Unit = {
    connection.close()
    peer.close()
    server.close()
    timer.shutdownNow()
  }

  @Test def aStreamGoesOutWhileItsJobRuns(): Unit = {
    val job = start("Halting", halting)
    val first = read()
    assertEquals("[1,", new String(first.payload))
    assertTrue(first.header.path("streamed").asBoolean)
    assertEquals(Seq(job), jobs.running)
    Signals.running.countDown()
    assertEquals("2]", rest(job))
    jobs.stored(job)
    assertEquals(0, files)
  }

  @Test def aServerThatComesBackHearsAStreamFromItsFirstByte(): Unit = {
    val job = start("HaltingAgain", halting)
    assertEquals("[1,", new String(read().payload))
    redial()
    assertEquals(Kind.JobStarted, read().kind)
    Signals.running.countDown()
    assertEquals("[1,2]", rest(job))
    redial()
    assertEquals("[1,2]", rest(job))
  }

  @Test def aLargeResultIsSaidAgainFromItsFile(): Unit = {
    val job = start("Large", "char[] text = new char[3000000]; Arrays.fill(text, 'x'); return new String(text);")
    assertFalse(read().header.path("streamed").asBoolean)
    redial()
    assertEquals(3000002, rest(job).length)
    assertEquals(1, files)
    jobs.stored(job)
    assertEquals(0, files)
  }

  @Test def aStreamWaitsForCreditAndEndsByAKill(): Unit = {
    val job = start("Endless", endless, credit = 1000)
    assertEquals(1000, read().payload.length)
    jobs.kill(job)
    val end = read()
    assertEquals((Kind.JobEnded, "killed"), (end.kind, end.text("outcome")))
    jobs.stored(job)
    assertEquals(0, files)
  }
}

object StreamedJobsTest {
  private val ids = new AtomicInteger
}
