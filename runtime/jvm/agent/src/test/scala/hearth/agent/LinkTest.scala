package hearth.agent

import java.net.{InetAddress, ServerSocket}
import java.nio.file.{Files, Path}
import java.util.concurrent.{Executors, LinkedBlockingQueue, TimeUnit}

import com.fasterxml.jackson.databind.node.ObjectNode
import org.junit.{After, Assume, Test}
import org.junit.Assert.{assertEquals, assertTrue}

class LinkTest {

  private object events extends LinkEvents {
    val seen = new LinkedBlockingQueue[String]
    override def hello(): ObjectNode = Frames.header().put("token", "t")
    override def welcomed(connection: Connection): Unit = seen.add("welcomed")
    override def received(connection: Connection, frame: Frame): Option[Runnable] = {
      seen.add(s"kind ${frame.kind}")
      if (frame.kind == Kind.RunJob) Some(() => { Thread.sleep(Long.MaxValue) }) else None
    }
    override def lost(): Unit = seen.add("lost")
    override def ended(reason: String): Unit = seen.add(s"ended: $reason")
    def next(): String = seen.poll(20, TimeUnit.SECONDS)
  }

  private val endpoint: Path = Files.createTempFile("endpoint", "")
  private var server = listen()
  private var links = Seq.empty[Link]

  private def listen(): ServerSocket = {
    val socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress)
    Files.write(endpoint, s"127.0.0.1:${socket.getLocalPort}\n".getBytes)
    socket
  }

  private def link(orphanTimeoutMs: Long, unix: String = ""): Link = {
    val folder = endpoint.getParent
    val start = StartFile("c", "c", "t", endpoint, unix, "", Map(), Map(), Map(), Nil, orphanTimeoutMs, 10000, folder)
    val made = new Link(start, events, LinkTest.timer, LinkTest.threads)
    links :+= made
    made.start()
    made
  }

  private def accept() = Peer.accept(server)

  @After def close(): Unit = {
    links.foreach(_.close())
    server.close()
    Files.delete(endpoint)
  }

  @Test def introducesItselfAndPassesFramesOn(): Unit = {
    link(20000)
    val peer = accept().welcome(10000)
    assertEquals("welcomed", events.next())
    peer.send(Kind.ServerPing, Frames.header().put("seq", 5))
    peer.send(Kind.KillJob, Frames.job("j"))
    assertEquals(5, { val pong = peer.read(); assertEquals(Kind.AgentPong, pong.kind); pong.number("seq") })
    assertEquals(s"kind ${Kind.KillJob}", events.next())
  }

  @Test def readsOnWhileAJobRuns(): Unit = {
    link(20000)
    val peer = accept().welcome(10000)
    assertEquals("welcomed", events.next())
    for (n <- 1 to 3) {
      peer.send(Kind.RunJob, Frames.job(s"j$n"))
      assertEquals(s"kind ${Kind.RunJob}", events.next())
      peer.send(Kind.ServerPing, Frames.header().put("seq", n))
      assertEquals(n, peer.read().number("seq"))
    }
    peer.close()
    assertEquals("lost", events.next())
  }

  @Test def redialsAServerThatListensElsewhere(): Unit = {
    link(20000)
    val first = accept().welcome(10000)
    assertEquals("welcomed", events.next())
    server.close()
    server = listen()
    first.close()
    assertEquals("lost", events.next())
    accept().welcome(10000)
    assertEquals("welcomed", events.next())
  }

  @Test def goesByTheUnixSocketWhileThereIsOne(): Unit = {
    Assume.assumeTrue(UnixServer.isPossible)
    val unix = new UnixServer
    try {
      link(20000, unix.path.toString)
      val first = (new Peer(_, _)).tupled(unix.accept()).welcome(10000)
      assertEquals("welcomed", events.next())
      unix.abandon()
      first.close()
      assertEquals("lost", events.next())
      accept().welcome(10000)
      assertEquals("welcomed", events.next())
    } finally unix.close()
  }

  @Test def leavesAServerThatIsSilent(): Unit = {
    link(20000)
    val peer = accept().welcome(100)
    assertEquals("welcomed", events.next())
    assertEquals(Kind.AgentPing, peer.read().kind)
    assertEquals("lost", events.next())
    accept().welcome(10000)
    assertEquals("welcomed", events.next())
  }

  @Test def endsWhenItIsAloneForTooLong(): Unit = {
    server.close()
    link(200)
    assertTrue(events.next().startsWith("ended: no server for"))
  }

  @Test def endsWhenItIsRejected(): Unit = {
    link(20000)
    val peer = accept()
    peer.read()
    peer.send(Kind.Reject, Frames.header().put("message", "who are you"))
    assertEquals("ended: the server refused: who are you", events.next())
  }
}

object LinkTest {
  private val timer = Executors.newScheduledThreadPool(1)
  private val threads = Agent.threads()
}
