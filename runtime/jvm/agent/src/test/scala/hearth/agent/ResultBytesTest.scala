package hearth.agent

import java.io.{IOException, InterruptedIOException}
import java.nio.file.{Files, Path}
import java.util.concurrent.{CompletableFuture, CountDownLatch, SynchronousQueue}

import org.junit.{After, Test}
import org.junit.Assert.{assertArrayEquals, assertEquals, assertFalse, assertThrows, assertTrue}

class ResultBytesTest {
  private val folder = Files.createTempDirectory("hearth-results")

  private def files: Int = folder.toFile.list.length

  private def result(limit: Long = Long.MaxValue): ResultBytes =
    new ResultBytes(limit, () => Files.createTempFile(folder, "result-", ".json"))

  private def filled(limit: Long, sizes: Int*): ResultBytes = {
    val bytes = result(limit)
    sizes.foreach(size => bytes.write(content(size)))
    bytes.end()
    bytes
  }

  private def content(size: Int): Array[Byte] = Array.tabulate(size)(_.toByte)

  /** As the server gets it. */
  private def all(bytes: ResultBytes): Array[Byte] = {
    val parts = Vector.newBuilder[Array[Byte]]
    var offset = 0L
    def ready: Int = math.min(bytes.await(offset, () => true), 100000).toInt
    var length = ready
    while (length > 0) {
      parts += bytes.read(offset, length)
      offset += length
      length = ready
    }
    (parts.result() :+ bytes.rest).flatten.toArray
  }

  @After def clean(): Unit = {
    folder.toFile.listFiles.foreach(_.delete())
    Files.delete(folder)
  }

  @Test def aSmallResultStaysInMemory(): Unit = {
    for (sizes <- Seq(Nil, Seq(5), Seq(ResultBytes.ChunkSize))) {
      val bytes = filled(Long.MaxValue, sizes: _*)
      assertEquals(0, bytes.await(0, () => true))
      assertArrayEquals(content(sizes.sum), bytes.rest)
    }
    assertEquals(0, files)
  }

  @Test def aLargeOneLiesInAFileUntilNobodyAsksForItAnyMore(): Unit = {
    val bytes = filled(Long.MaxValue, 1000000, 1, 100000)
    assertTrue(bytes.rest.length <= ResultBytes.ChunkSize)
    val expected = Seq(1000000, 1, 100000).flatMap(content).toArray
    assertArrayEquals(expected, all(bytes))
    assertArrayEquals("said again", expected, all(bytes))
    assertEquals(1, files)
    bytes.discard()
    assertEquals(0, files)
    assertThrows(classOf[IOException], () => { bytes.read(0, 1); () })
  }

  @Test def tellsBothNumbersWhenOverTheLimit(): Unit = {
    assertEquals(10, filled(10, 10).checked().rest.length)
    val error = assertThrows(classOf[ResultTooLarge], () => { filled(1000, 2000000).checked(); () })
    assertEquals("The result has 2000000 bytes of JSON, which is over the limit of 1000 bytes", error.getMessage)
    assertEquals(0, files)
  }

  @Test def aStreamEndsAtTheLimit(): Unit = {
    val bytes = result(1000)
    bytes.stream()
    val error = assertThrows(classOf[ResultTooLarge], () => while (true) bytes.write(content(300)))
    assertEquals(
      "The result has at least 1200 bytes of JSON, which is over the limit of 1000 bytes",
      error.getMessage
    )
  }

  @Test def anEndlessResultCanBeInterrupted(): Unit = {
    Thread.currentThread.interrupt()
    try assertThrows(classOf[InterruptedIOException], () => { filled(Long.MaxValue, 10000000); () })
    finally Thread.interrupted()
  }

  @Test def aByteOfAStreamDoesNotWaitForOthersForLong(): Unit = {
    val bytes = result()
    bytes.stream()
    val elements = new SynchronousQueue[Byte]
    val writer = CompletableFuture.runAsync { () =>
      Results.of(Iterator.continually(elements.take()).takeWhile(_ >= 0)).writeTo(bytes)
      bytes.end()
    }
    for (n <- 0 until 3) {
      elements.put('a'.toByte)
      assertEquals(1, bytes.await(n, () => true))
      assertArrayEquals(Array('a'.toByte), bytes.read(n, 1))
    }
    elements.put(-1)
    writer.get
    assertEquals(0, bytes.await(3, () => true))
  }

  @Test def elementsOfAStreamGoOutAsTheyCome(): Unit = {
    val bytes = result()
    bytes.stream()
    val elements = new SynchronousQueue[Int]
    CompletableFuture.runAsync(() => Results.of(Iterator.continually(elements.take())).writeTo(bytes))
    elements.put(1)
    elements.put(2)
    var seen = ""
    while (seen != "[1,2") seen += new String(bytes.read(seen.length, bytes.await(seen.length, () => true).toInt))
    bytes.end()
  }

  @Test def whoWritesAStreamWaitsForWhoReadsIt(): Unit = {
    val bytes = result()
    bytes.stream()
    @volatile var made = 0L
    val done = new CountDownLatch(1)
    val writer = new Thread(() => {
      for (_ <- 1 to 64) {
        bytes.step(() => ())(bytes.write(content(ResultBytes.ChunkSize)))
        made += ResultBytes.ChunkSize
      }
      bytes.end()
      done.countDown()
    })
    writer.start()
    awaitBlocked(writer)
    assertTrue(s"$made", made <= 3 * ResultBytes.Ahead)
    assertEquals(64 * ResultBytes.ChunkSize, all(bytes).length)
    done.await()
    bytes.discard()
  }

  @Test def whoWaitsForAReaderCanBeInterrupted(): Unit = {
    val bytes = result()
    bytes.stream()
    val ended = new CompletableFuture[Throwable]
    val writer = new Thread(() =>
      try while (true) bytes.step(() => ())(bytes.write(content(ResultBytes.ChunkSize)))
      catch { case error: Throwable => ended.complete(error) }
    )
    writer.start()
    awaitBlocked(writer)
    writer.interrupt()
    assertEquals(classOf[InterruptedException], ended.get.getClass)
    bytes.discard()
  }

  @Test def whoReadsStopsWaitingWhenNobodyWantsIt(): Unit = {
    val bytes = result()
    bytes.stream()
    var asked = 0
    assertEquals(0, bytes.await(0, () => { asked += 1; asked < 3 }))
    assertFalse(asked == 0)
  }

  private def awaitBlocked(thread: Thread): Unit =
    while (thread.getState != Thread.State.WAITING) Thread.`yield`()
}
