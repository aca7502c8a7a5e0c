package hearth.agent

import java.io.{DataInputStream, IOException, OutputStream}
import java.net.SocketTimeoutException
import java.util.concurrent.{CountDownLatch, TimeUnit}

import org.junit.{After, Assume, Before, Test}
import org.junit.Assert.{assertEquals, assertFalse, assertThrows, assertTrue}

class UnixWireTest {
  private var server: UnixServer = _
  private var connection: Connection = _
  private var in: DataInputStream = _
  private var out: OutputStream = _

  /** More than a socket holds. */
  private val large = Array.tabulate(3000000)(_.toByte)

  @Before def open(): Unit = {
    Assume.assumeTrue(UnixServer.isPossible)
    server = new UnixServer
    connection = new Connection(UnixWire.connect(server.path.toString).get)
    val (input, output) = server.accept()
    in = new DataInputStream(input)
    out = output
  }

  @After def close(): Unit = if (server != null) {
    connection.close()
    in.close()
    server.close()
  }

  private def doing(work: => Unit): Thread = {
    val thread = new Thread(() => work)
    thread.start()
    thread
  }

  private def end(thread: Thread): Unit = {
    thread.join(20000)
    assertFalse(thread.isAlive)
  }

  /** Waits until it waits for its socket. */
  private def settled(thread: Thread): Unit = {
    val deadline = System.nanoTime + TimeUnit.SECONDS.toNanos(20)
    while (!thread.getStackTrace.exists(_.getMethodName == "await")) {
      assertTrue("it waits", System.nanoTime < deadline)
      Thread.`yield`()
    }
  }

  private def expectLarge(): Unit = {
    val frame = Frames.read(in)
    assertEquals(Kind.JobEnded, frame.kind)
    assertTrue(java.util.Arrays.equals(large, frame.payload))
  }

  private def expectItStillWorks(): Unit = {
    connection.send(Kind.JobStarted, Frames.job("next"))
    assertEquals("next", Frames.read(in).text("job"))
    out.write(Frames.encode(Kind.KillJob, Frames.job("back")))
    assertEquals("back", connection.read().text("job"))
  }

  @Test def framesOfAnySizeGoBothWays(): Unit = {
    val sender = doing { connection.send(Kind.JobEnded, Frames.job("j"), large); () }
    expectLarge()
    end(sender)
    val server = doing(out.write(Frames.encode(Kind.RunJob, Frames.job("j"), large)))
    assertTrue(java.util.Arrays.equals(large, connection.read().payload))
    end(server)
    expectItStillWorks()
  }

  @Test def anInterruptedThreadWritesAndStaysInterrupted(): Unit = {
    var sent, interrupted = false
    val sender = doing {
      Thread.currentThread.interrupt()
      sent = connection.send(Kind.JobStarted, Frames.job("small"))
      sent &= connection.send(Kind.JobEnded, Frames.job("j"), large)
      interrupted = Thread.interrupted()
    }
    settled(sender)
    assertEquals("small", Frames.read(in).text("job"))
    expectLarge()
    end(sender)
    assertTrue(sent && interrupted)
    expectItStillWorks()
  }

  @Test def anInterruptWhileItWaitsToWriteCostsNothing(): Unit = {
    var sent, interrupted = false
    val sender = doing {
      sent = connection.send(Kind.JobEnded, Frames.job("j"), large)
      interrupted = Thread.interrupted()
    }
    settled(sender)
    sender.interrupt()
    expectLarge()
    end(sender)
    assertTrue(sent && interrupted)
    expectItStillWorks()
  }

  @Test def whoReadsHindersNobodyWhoWrites(): Unit = {
    var read = ""
    val reader = doing { read = connection.read().text("job") }
    settled(reader)
    connection.send(Kind.JobStarted, Frames.job("next"))
    assertEquals("next", Frames.read(in).text("job"))
    out.write(Frames.encode(Kind.KillJob, Frames.job("back")))
    end(reader)
    assertEquals("back", read)
  }

  @Test def aReadEndsWhenItsTimeIsOver(): Unit = {
    connection.readTimeout(20)
    assertThrows(classOf[SocketTimeoutException], () => { connection.read(); () })
    expectItStillWorks()
  }

  @Test def closingWakesWhoReadsAndWhoWrites(): Unit = {
    val failed = new CountDownLatch(2)
    val reader = doing(try { connection.read(); () } catch { case _: IOException => failed.countDown() })
    val writer = doing(if (!connection.send(Kind.JobEnded, Frames.job("j"), large)) failed.countDown())
    settled(reader)
    settled(writer)
    connection.close()
    assertTrue(failed.await(20, TimeUnit.SECONDS))
    end(reader)
    end(writer)
    assertFalse(connection.send(Kind.JobStarted, Frames.job("late")))
    while (in.read() >= 0) () // the server sees its end
  }

  @Test def aServerThatGoesIsSeen(): Unit = {
    in.close()
    assertThrows(classOf[IOException], () => { connection.read(); () })
    assertFalse(connection.send(Kind.JobStarted, Frames.job("late")))
  }

  @Test def thereIsNoneWhereNobodyListens(): Unit = {
    assertEquals(None, UnixWire.connect(""))
    assertEquals(None, UnixWire.connect(server.path.resolveSibling("missing").toString))
    assertEquals(None, UnixWire.connect("/" + "x" * 200))
    server.abandon()
    assertEquals(None, UnixWire.connect(server.path.toString))
  }
}
