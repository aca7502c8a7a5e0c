package hearth.agent

import java.io.{InputStream, OutputStream, OutputStreamWriter}
import java.nio.charset.StandardCharsets.UTF_8
import java.util.{Map => JavaMap}
import java.util.stream.BaseStream

import scala.collection.immutable.{LinearSeq, Queue}
import scala.runtime.ScalaRunTime

import com.fasterxml.jackson.core.{JsonFactory, JsonGenerator}

/** The value that a job returned, which can be written once. It keeps only the unwritten rest of a lazy sequence. */
sealed trait Result {

  /** Whether the job goes on producing it while it is written. */
  def isLazy: Boolean

  /** Writes the value as JSON. Exceptions of the job's own `toString` and iterators are not caught. */
  def writeTo(out: ResultBytes): Unit
}

/**
 * Makes JSON of the values that jobs return. Maps become objects, whose keys are made strings. Sequences, sets, arrays,
 * Java collections, iterators and streams become arrays, and so do case classes, tuples and options. NaN and the
 * infinities, which JSON does not have, become null. A stream of bytes (an `InputStream`, a lazy sequence or an
 * iterator of bytes) is taken for the JSON text itself. Any other value is written as its `toString`.
 */
object Results {
  private val factory = new JsonFactory()

  /** Pass the value itself and not a variable, which would keep the whole of a lazy sequence in memory. */
  def of(value: Any): Result = value match {
    case bytes: InputStream => new ByteStream(bytes)
    case Lazy(items, close) =>
      // It is looked into to see whether it has bytes, and that must not cost it an element.
      val peekable = items.buffered
      if (peekable.hasNext && peekable.head.isInstanceOf[Byte]) new Bytes(peekable.asInstanceOf[Iterator[Byte]], close)
      else new Items(peekable, close)
    case other => new Whole(other)
  }

  private final class Whole(value: Any) extends Result {
    override def isLazy: Boolean = false
    override def writeTo(out: ResultBytes): Unit = {
      val json = generator(out)
      writeValue(value, json)
      json.close()
    }
  }

  private final class Items(items: Iterator[Any], close: () => Unit) extends Result {
    override def isLazy: Boolean = true
    override def writeTo(out: ResultBytes): Unit =
      try {
        val json = generator(out)
        def step(work: => Unit): Unit = out.step(() => json.flush())(work)
        step(json.writeStartArray())
        items.foreach(item => step(writeValue(item, json)))
        step { json.writeEndArray(); json.close() }
      } finally close()
  }

  private final class Bytes(bytes: Iterator[Byte], close: () => Unit) extends Result {
    override def isLazy: Boolean = true
    override def writeTo(out: ResultBytes): Unit =
      try bytes.foreach(byte => out.step(nothingBetween)(out.write(byte.toInt)))
      finally close()
  }

  private final class ByteStream(in: InputStream) extends Result {
    override def isLazy: Boolean = true
    override def writeTo(out: ResultBytes): Unit =
      try {
        val buffer = new Array[Byte](64 * 1024)
        Iterator
          .continually(in.read(buffer))
          .takeWhile(_ >= 0)
          .foreach(count => out.step(nothingBetween)(out.write(buffer, 0, count)))
      } finally in.close()
  }

  /** A value whose elements are made only when they are asked for: the elements, and what to do after the last. */
  private object Lazy {
    def unapply(value: Any): Option[(Iterator[Any], () => Unit)] = value match {
      case _: List[_] | _: Queue[_] => None
      case sequence: LinearSeq[_] => Some((sequence.iterator, nothingBetween))
      case iterator: Iterator[_] => Some((iterator, nothingBetween))
      case iterator: java.util.Iterator[_] => Some((inScala(iterator), nothingBetween))
      case stream: BaseStream[_, _] => Some((inScala(stream.iterator), () => stream.close()))
      case _ => None
    }
  }

  private val nothingBetween: () => Unit = () => ()

  private def inScala(items: java.util.Iterator[_]): Iterator[Any] = new Iterator[Any] {
    override def hasNext: Boolean = items.hasNext
    override def next(): Any = items.next()
  }

  /** Uses a Writer, which makes half a surrogate pair a question mark; Jackson fails on it when it writes bytes. */
  private def generator(out: OutputStream): JsonGenerator = factory.createGenerator(new OutputStreamWriter(out, UTF_8))

  private def writeValue(value: Any, json: JsonGenerator): Unit = value match {
    case null => json.writeNull()
    case text: String => json.writeString(text)
    case yes: Boolean => json.writeBoolean(yes)
    case number: Int => json.writeNumber(number)
    case number: Long => json.writeNumber(number)
    case number: Double =>
      if (number.isNaN || number.isInfinite) json.writeNull() else json.writeNumber(number)
    case number: Float =>
      if (number.isNaN || number.isInfinite) json.writeNull() else json.writeNumber(number)
    case number: Short => json.writeNumber(number.toInt)
    case number: Byte => json.writeNumber(number.toInt)
    case number: BigInt => json.writeNumber(number.bigInteger)
    case number: BigDecimal => json.writeNumber(number.bigDecimal)
    case number: java.math.BigInteger => json.writeNumber(number)
    case number: java.math.BigDecimal => json.writeNumber(number)
    case map: scala.collection.Map[_, _] =>
      json.writeStartObject()
      map.foreach { case (key, item) => writeField(key, item, json) }
      json.writeEndObject()
    case map: JavaMap[_, _] =>
      json.writeStartObject()
      map.forEach((key, item) => writeField(key, item, json))
      json.writeEndObject()
    case items: scala.collection.Iterable[_] => writeArray(items.iterator, json)
    case items: java.util.Collection[_] => writeArray(inScala(items.iterator), json)
    case Lazy(items, close) =>
      try writeArray(items, json)
      finally close()
    case array: AnyRef if array.getClass.isArray =>
      val length = ScalaRunTime.array_length(array)
      writeArray(Iterator.range(0, length).map(ScalaRunTime.array_apply(array, _)), json)
    case product: Product => writeArray(product.productIterator, json)
    case other => json.writeString(other.toString)
  }

  private def writeField(key: Any, value: Any, json: JsonGenerator): Unit = {
    json.writeFieldName(String.valueOf(key))
    writeValue(value, json)
  }

  private def writeArray(items: Iterator[Any], json: JsonGenerator): Unit = {
    json.writeStartArray()
    items.foreach(writeValue(_, json))
    json.writeEndArray()
  }
}
