package hearth.agent

import java.net.{InetAddress, ServerSocket}
import java.nio.file.Files
import java.util.concurrent.{CompletableFuture, TimeUnit, TimeoutException}

import org.junit.{After, Test}
import org.junit.Assert.{assertEquals, assertThrows}

class AgentTest {
  private val folder = Files.createTempDirectory("hearth-agent")
  private val server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress)
  private val usual = Thread.currentThread.getContextClassLoader

  @After def close(): Unit = {
    Thread.currentThread.setContextClassLoader(usual)
    server.close()
  }

  private def agent(factory: String): Agent = {
    val endpoint = Files.write(folder.resolve("endpoint"), s"127.0.0.1:${server.getLocalPort}\n".getBytes)
    new Agent(StartFile("c", "c", "t", endpoint, "", factory, Map(), Map(), Map(), Nil, 20000, 10000, folder))
  }

  private def awaitState(thread: Thread, state: Thread.State): Unit = {
    val deadline = System.nanoTime + TimeUnit.SECONDS.toNanos(20)
    while (thread.getState != state && System.nanoTime < deadline) Thread.`yield`()
    assertEquals(state, thread.getState)
  }

  @Test def saysWhyItHasNoContextBeforeItEnds(): Unit = {
    val made = agent("no.such.Factory")
    val code = new CompletableFuture[Int]
    val thread = new Thread(() => { code.complete(made.run()); () })
    thread.setDaemon(true)
    thread.start()
    val peer = Peer.accept(server)
    awaitState(thread, Thread.State.TIMED_WAITING)
    // It is welcome, but what it does about that takes its time.
    made.synchronized {
      peer.welcome(10000)
      assertThrows(classOf[TimeoutException], () => { code.get(300, TimeUnit.MILLISECONDS); () })
    }
    val answer = peer.read()
    assertEquals(Kind.ContextFailed, answer.kind)
    assertEquals("no.such.Factory", answer.text("message"))
    assertEquals(1, code.get(20, TimeUnit.SECONDS))
  }
}
