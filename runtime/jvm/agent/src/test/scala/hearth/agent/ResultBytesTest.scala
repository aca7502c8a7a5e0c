package hearth.agent

import java.io.InterruptedIOException

import org.junit.Assert.{assertArrayEquals, assertEquals, assertThrows}
import org.junit.Test

class ResultBytesTest {

  private def filled(limit: Long, sizes: Int*): ResultBytes = {
    val bytes = new ResultBytes(limit)
    sizes.foreach(size => bytes.write(Array.tabulate(size)(_.toByte)))
    bytes
  }

  @Test def aSmallResultIsOneChunk(): Unit = {
    assertEquals(Seq(0), filled(10).chunks().map(_.length))
    assertEquals(Seq(5), filled(10, 5).chunks().map(_.length))
    assertEquals(Seq(ResultBytes.ChunkSize), filled(Long.MaxValue, ResultBytes.ChunkSize).chunks().map(_.length))
  }

  @Test def aLargeOneIsManyThatFitAFrame(): Unit = {
    val chunks = filled(Long.MaxValue, 1000000, 1, 100000).chunks()
    assertEquals(1100001, chunks.map(_.length).sum)
    assertEquals(ResultBytes.ChunkSize, chunks.map(_.length).max)
    val expected = Seq(1000000, 1, 100000).flatMap(size => Array.tabulate(size)(_.toByte)).toArray
    assertArrayEquals(expected, chunks.flatten.toArray)
  }

  @Test def tellsBothNumbersWhenOverTheLimit(): Unit = {
    assertEquals(10, filled(10, 10).chunks().head.length)
    val error = assertThrows(classOf[ResultTooLarge], () => { filled(1000, 2000000).chunks(); () })
    assertEquals("The result has 2000000 bytes of JSON, which is over the limit of 1000 bytes", error.getMessage)
  }

  @Test def anEndlessResultCanBeInterrupted(): Unit = {
    Thread.currentThread.interrupt()
    try assertThrows(classOf[InterruptedIOException], () => { filled(Long.MaxValue, 10000000); () })
    finally Thread.interrupted()
  }
}
