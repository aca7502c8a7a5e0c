package hearth.agent

import java.io.{DataInputStream, IOException}
import java.net.{InetAddress, ServerSocket, Socket}
import java.nio.file.{Files, NoSuchFileException, Path}
import java.security.MessageDigest
import java.util.concurrent.{CompletableFuture, ExecutionException}

import org.junit.{After, Test}
import org.junit.Assert.{assertArrayEquals, assertEquals, assertFalse, assertThrows, assertTrue}

class ServerFilesTest {
  private val folder = Files.createTempDirectory("hearth-files")
  private val server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress)
  @volatile private var connection = connect()
  private var peer: Socket = server.accept()
  private val files = new ServerFiles(folder.resolve("files"), () => connection, timeoutMs = 20000)

  private def connect() = Some(new Connection(new TcpWire("127.0.0.1", server.getLocalPort)))

  private def asked(): Frame = Frames.read(new DataInputStream(peer.getInputStream))

  private def answer(request: Frame, bytes: Array[Byte], size: Long, error: String = ""): Unit = {
    val header = Frames.header().put("request", request.number("request")).put("size", size)
    if (error.nonEmpty) header.put("error", error)
    files.received(Frame(Kind.FileBlock, header, bytes))
  }

  /** Answers one request out of that file. */
  private def serve(content: Array[Byte]): Frame = {
    val request = asked()
    val from = request.number("offset").toInt
    answer(request, content.slice(from, from + request.number("length").toInt), content.length)
    request
  }

  private def later[T](work: => T): CompletableFuture[T] = CompletableFuture.supplyAsync(() => work)

  private def failure(of: CompletableFuture[_]): Throwable =
    assertThrows(classOf[ExecutionException], () => { of.get; () }).getCause

  private def copies: Seq[Path] = {
    val all = Files.walk(folder)
    try all.toArray.toSeq.map(_.asInstanceOf[Path]).filter(Files.isRegularFile(_))
    finally all.close()
  }

  @After def clean(): Unit = {
    files.close()
    connection.foreach(_.close())
    peer.close()
    server.close()
    Files.walk(folder).toArray.reverse.foreach(path => Files.delete(path.asInstanceOf[Path]))
  }

  @Test def aFileThatIsHereIsUsedAsItIs(): Unit = {
    val here = Files.createTempFile(folder, "a", ".dat")
    assertEquals(here.toFile, files.data("j", here.toString))
  }

  @Test def aFileThatIsNotHereComesInPartsAndOnlyOnce(): Unit = {
    val content = Array.tabulate(ServerFiles.BlockSize * 2 + 3)(_.toByte)
    val first = later(files.data("j", "/elsewhere/a.dat"))
    val second = later(files.data("k", "/elsewhere/a.dat"))
    val requests = Seq.fill(3)(serve(content))
    assertEquals(Seq(0, 1, 2).map(_ * ServerFiles.BlockSize.toLong), requests.map(_.number("offset")))
    assertEquals("/elsewhere/a.dat", requests.head.text("data"))
    assertArrayEquals(content, Files.readAllBytes(first.get.toPath))
    assertEquals(first.get, second.get)
    assertEquals(first.get, files.data("l", "/elsewhere/a.dat"))
    assertEquals("a.dat", first.get.getName)
    files.close()
    assertEquals(Nil, copies)
  }

  @Test def anEmptyFileIsAFile(): Unit = {
    val file = later(files.data("j", "empty.dat"))
    serve(Array())
    assertEquals(0, file.get.length)
  }

  @Test def whatTheServerDoesNotHaveIsAnError(): Unit = {
    val file = later(files.data("j", "/elsewhere/a.dat"))
    answer(asked(), Array(), 0, "Unknown file: /elsewhere/a.dat")
    val error = failure(file)
    assertEquals(classOf[NoSuchFileException], error.getClass)
    assertEquals("Unknown file: /elsewhere/a.dat", error.getMessage)
    assertEquals(Nil, copies)
  }

  @Test def noNameLeadsElsewhere(): Unit =
    for (name <- Seq("../a.dat", "/data/../a.dat", "/data/..", "", "/")) {
      val error = assertThrows(classOf[IOException], () => { files.data("j", name); () })
      assertTrue(error.getMessage, error.getMessage.contains("is no data file"))
    }

  @Test def whoeverWaitsForAFailedCopyTriesItself(): Unit = {
    val first = later(files.data("j", "a.dat"))
    val request = asked()
    val second = later(files.data("k", "a.dat"))
    answer(request, Array(), 0, "job j is over")
    failure(first)
    assertEquals("k", serve(Array(1)).text("job"))
    assertEquals(1, second.get.length)
  }

  @Test def aRedialAsksAgainForWhatWasNotAnswered(): Unit = {
    val file = later(files.data("j", "a.dat"))
    val lost = asked()
    peer.close()
    connection = connect()
    peer = server.accept()
    connection.foreach(files.repeatAll)
    assertEquals(lost.number("request"), serve(Array(1, 2)).number("request"))
    assertEquals(2, file.get.length)
  }

  @Test def aBinaryIsFetchedByItsDigestWhichIsChecked(): Unit = {
    val content = "a jar".getBytes
    val digest = MessageDigest.getInstance("SHA-256").digest(content).map(byte => f"$byte%02x").mkString
    val copy = later(files.binary("j", Binary(digest, "/elsewhere/a.jar")))
    assertEquals(digest, serve(content).text("digest"))
    assertEquals(s"$digest.jar", java.nio.file.Paths.get(copy.get.path).getFileName.toString)
    val wrong = later(files.binary("j", Binary("00ff", "/elsewhere/b.jar")))
    serve(content)
    assertTrue(failure(wrong).getMessage.contains(digest))
    assertFalse(copies.exists(_.toString.contains("00ff")))
  }

  @Test def aServerThatDoesNotAnswerIsAnError(): Unit = {
    val alone = new ServerFiles(folder.resolve("alone"), () => None, timeoutMs = 1)
    val error = assertThrows(classOf[IOException], () => { alone.data("j", "a.dat"); () })
    assertEquals("The server did not send the file within 1 ms", error.getMessage)
  }
}
