package hearth.agent

import java.io.ByteArrayInputStream
import java.util.{Arrays, Collections}

import scala.annotation.nowarn

import com.typesafe.config.ConfigFactory
import org.apache.spark.sql.Row
import org.junit.Assert.assertEquals
import org.junit.Test

case class Point(x: Int, label: String)

case class SameText(n: Int) {
  override def toString: String = "same"
}

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
    0.1f -> "0.10000000149011612",
    1e300 -> "1.0E300",
    'c' -> "\"c\"",
    java.lang.Integer.valueOf(5) -> "5",
    java.lang.Boolean.FALSE -> "false",
    (()) -> "\"()\""
  )

  @Test def numbersOfOtherTypesAreTexts(): Unit = becomes(
    3.toShort -> "\"3\"",
    4.toByte -> "\"4\"",
    java.lang.Short.valueOf("3") -> "\"3\"",
    BigInt("123456789012345678901234567890") -> "\"123456789012345678901234567890\"",
    BigDecimal("0.1") -> "\"0.1\"",
    new java.math.BigDecimal("1.10") -> "\"1.10\"",
    java.math.BigInteger.TEN -> "\"10\"",
    new java.util.concurrent.atomic.AtomicLong(7) -> "\"7\"",
    Seq[Any](1.toByte, 1) -> "[\"1\",1]"
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
    scala.collection.mutable.Map("m" -> Map("n" -> Nil)) -> """{"m":{"n":[]}}""",
    Map.empty -> "{}",
    new java.util.HashMap[String, Int] -> "{}"
  )

  @Test def keysAreTexts(): Unit = becomes(
    Map(Symbol("a b") -> 1) -> """{"a b":1}""",
    Map[Any, Any]("t" -> 1, Symbol("s") -> 2, Some(3) -> 3) -> """{"t":1,"s":2,"Some(3)":3}""",
    Map(1.toByte -> 1.5f) -> """{"1":1.5}""",
    Map(true -> 1, false -> 2) -> """{"true":1,"false":2}""",
    Map((1, "a") -> 1) -> """{"(1,a)":1}""",
    Map((null, 1)) -> """{"null":1}"""
  )

  @Test def ofKeysWithOneTextTheLastCounts(): Unit = {
    val javaMap = new java.util.LinkedHashMap[Any, Any]
    Seq[(Any, Any)](1 -> "int", 2 -> "two", "1" -> "text", 1L -> "long").foreach { case (k, v) => javaMap.put(k, v) }
    becomes(
      Map[Any, Any](1 -> "int", "1" -> "text", 2 -> "two") -> """{"1":"text","2":"two"}""",
      Map[Any, Any](Symbol("a") -> 1, "a" -> 2) -> """{"a":2}""",
      Map[Any, Any]((null, 1), ("null", 2)) -> """{"null":2}""",
      Map(SameText(1) -> 1, SameText(2) -> 2) -> """{"same":2}""",
      javaMap -> """{"1":"long","2":"two"}"""
    )
  }

  @Test def configurationsAreWhatTheyHold(): Unit = {
    val config = ConfigFactory.parseString("""a = text, b = [1, 2.5, yes], c { "d.e" = 3000000000 }, f = null""")
    becomes(
      config -> """{"a":"text","b":[1,2.5,"yes"],"c":{"d.e":3000000000},"f":null}""",
      config.root -> """{"a":"text","b":[1,2.5,"yes"],"c":{"d.e":3000000000},"f":null}""",
      config.getValue("a") -> "\"text\"",
      config.getList("b") -> """[1,2.5,"yes"]""",
      Map("n" -> config.getValue("c")) -> """{"n":{"d.e":3000000000}}""",
      config.root.unwrapped.get("b") -> """[1,2.5,"yes"]"""
    )
  }

  @Test def rowsAndSymbolsAreTheirTexts(): Unit = becomes(
    Row(1, "a", null) -> "\"[1,a,null]\"",
    Seq(Row(Seq(1))) -> ("[\"" + Row(Seq(1)) + "\"]"),
    Symbol("s") -> ("\"" + Symbol("s") + "\"")
  )

  @Test def sequences(): Unit = becomes(
    Seq(1, "a", null) -> """[1,"a",null]""",
    Set(1) -> "[1]",
    Array(1, 2) -> "[1,2]",
    Array("a", "b") -> """["a","b"]""",
    Array(1.toByte) -> """["1"]""",
    Array.empty[String] -> "[]",
    scala.collection.mutable.ArrayBuffer(1) -> "[1]",
    Vector(1) -> "[1]",
    (1 to 3) -> "[1,2,3]",
    new java.util.ArrayDeque(Arrays.asList(1)) -> "[1]",
    Collections.singleton("a") -> """["a"]""",
    Arrays.asList(1, 2).stream -> "[1,2]",
    Map("lazy" -> Iterator(1)) -> """{"lazy":[1]}""",
    Array(Array(1), Array(2, 3)) -> "[[1],[2,3]]",
    Arrays.asList(1, 2) -> "[1,2]",
    Iterator(1, 2) -> "[1,2]",
    List[Byte](1, 2) -> """["1","2"]""",
    Nil -> "[]"
  )

  @Test def products(): Unit = becomes(
    Point(1, "p") -> """[1,"p"]""",
    (1, "a") -> """[1,"a"]""",
    Some(1) -> "[1]",
    None -> "[]",
    Some(Some(1)) -> "[[1]]",
    Right(2) -> "[2]",
    scala.util.Success(3) -> "[3]",
    java.util.Optional.of(1) -> "\"Optional[1]\"",
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
