package hearth.agent

import java.io.{ByteArrayInputStream, DataInputStream, IOException}
import java.nio.ByteBuffer

import org.junit.Assert.{assertArrayEquals, assertEquals, assertThrows}
import org.junit.Test

class FramesTest {

  private def read(bytes: Array[Byte]) = Frames.read(new DataInputStream(new ByteArrayInputStream(bytes)))

  private def frame(length: Int, kind: Int, headerLength: Int, rest: String) =
    ByteBuffer.allocate(8 + rest.length).putInt(length).putInt(kind << 24 | headerLength).put(rest.getBytes).array

  @Test def survivesTheWire(): Unit = {
    val payload = Array[Byte](1, 2, 3)
    val sent = Frames.encode(Kind.ResultPart, Frames.job("j").put("seq", 7), payload)
    val got = read(sent)
    assertEquals(Kind.ResultPart, got.kind)
    assertEquals("j", got.text("job"))
    assertEquals(7, got.number("seq"))
    assertArrayEquals(payload, got.payload)
    assertEquals(sent.length - 4, ByteBuffer.wrap(sent).getInt)
  }

  @Test def carriesKindsOverTheSignBit(): Unit = assertEquals(200, read(frame(6, 200, 2, "{}")).kind)

  @Test def takesHalfASurrogatePair(): Unit =
    assertEquals(
      "?",
      read(Frames.encode(Kind.JobEnded, Frames.header().put("message", 0xd83d.toChar.toString))).text("message")
    )

  @Test def refusesWhatBreaksTheRules(): Unit =
    Seq(
      frame(3, 1, 0, "{}"),
      frame(Frames.MaxFrame + 1, 1, 2, "{}"),
      frame(100, 1, 97, "{}"),
      frame(Frames.MaxFrame, 1, Frames.MaxHeader + 1, "{}"),
      frame(6, 1, 2, "{"),
      frame(6, 1, 2, "[}")
    ).foreach(bytes => assertThrows(classOf[IOException], () => { read(bytes); () }))
}
