package hearth.agent

import java.io.ByteArrayInputStream
import java.util.{Arrays, Collections}

import scala.annotation.nowarn

import org.junit.Assert.assertEquals
import org.junit.Test

case class Point(x: Int, label: String)

class ResultsTest {

  private def json(value: Any): String = {
    val out = new ResultBytes(Long.MaxValue, () => throw new IllegalStateException("too large"))
    Results.of(value).writeTo(out)
    new String(out.rest, "UTF-8")
  }

  private def becomes(cases: (Any, String)*): Unit =
    cases.foreach { case (value, expected) => assertEquals(s"of $value", expected, json(value)) }

  @Test def plainValues(): Unit = becomes(
    (null, "null"),
    "a \"b\" \n é" -> "\"a \\\"b\\\" \\n é\"",
    true -> "true",
    1 -> "1",
    1152921504606846976L -> "1152921504606846976",
    1.5 -> "1.5",
    2.0 -> "2.0",
    0.5f -> "0.5",
    3.toShort -> "3",
    4.toByte -> "4",
    'c' -> "\"c\"",
    BigInt("123456789012345678901234567890") -> "123456789012345678901234567890",
    BigDecimal("0.1") -> "0.1",
    new java.math.BigDecimal("1.10") -> "1.10",
    java.lang.Integer.valueOf(5) -> "5",
    (()) -> "\"()\""
  )

  @Test def whatJsonHasNoNumberFor(): Unit =
    becomes(
      Double.NaN -> "null",
      Double.PositiveInfinity -> "null",
      Float.NaN -> "null",
      Float.NegativeInfinity -> "null"
    )

  @Test def maps(): Unit = becomes(
    Map("a" -> 1) -> """{"a":1}""",
    Map(1 -> Seq(2)) -> """{"1":[2]}""",
    Collections.singletonMap("k", null) -> """{"k":null}""",
    scala.collection.mutable.Map("m" -> Map("n" -> Nil)) -> """{"m":{"n":[]}}"""
  )

  @Test def sequences(): Unit = becomes(
    Seq(1, "a", null) -> """[1,"a",null]""",
    Set(1) -> "[1]",
    Array(1, 2) -> "[1,2]",
    Array("a", "b") -> """["a","b"]""",
    Array(1.toByte) -> "[1]",
    Array(Array(1), Array(2, 3)) -> "[[1],[2,3]]",
    Arrays.asList(1, 2) -> "[1,2]",
    Iterator(1, 2) -> "[1,2]",
    List[Byte](1, 2) -> "[1,2]",
    Nil -> "[]"
  )

  @Test def products(): Unit = becomes(
    Point(1, "p") -> """[1,"p"]""",
    (1, "a") -> """[1,"a"]""",
    Some(1) -> "[1]",
    None -> "[]",
    Map("points" -> Seq(Point(1, null))) -> """{"points":[[1,null]]}"""
  )

  @Test def everythingElseIsItsString(): Unit = becomes(
    new java.util.UUID(0, 1) -> "\"00000000-0000-0000-0000-000000000001\"",
    new java.lang.StringBuilder("x") -> "\"x\"",
    0xd83d.toChar.toString -> "\"?\""
  )

  // Scala 2.13 prefers a LazyList, which 2.12 does not have.
  @nowarn("cat=deprecation")
  @Test def bytesAreTheJsonItself(): Unit = {
    val text = """{"a": [1]}"""
    becomes(new ByteArrayInputStream(text.getBytes) -> text, text.getBytes.iterator -> text)
    becomes(text.getBytes.toStream -> text)
  }
}
