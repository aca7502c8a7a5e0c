package hearth.agent

import java.io.{InputStream, OutputStream, OutputStreamWriter}
import java.nio.charset.StandardCharsets.UTF_8
import java.util.{Map => JavaMap}

import scala.collection.BufferedIterator
import scala.collection.immutable.{LinearSeq, Queue}
import scala.runtime.ScalaRunTime

import com.fasterxml.jackson.core.{JsonFactory, JsonGenerator}

/**
 * What a job returns, as JSON text. Maps become objects with their keys made strings; sequences, sets, arrays, Java
 * collections and iterators become arrays, and so do case classes, tuples and options. NaN and the infinities, which
 * JSON does not have, are null. A stream of bytes (an `InputStream`, a lazy sequence or an iterator of bytes) is taken for
 * the JSON text itself. Everything else is its `toString`.
 */
object Results {
  private val factory = new JsonFactory()

  /** Writes the JSON of `value` to `out`. What the job's own `toString` or iterators throw comes through. */
  def write(value: Any, out: OutputStream): Unit = peekable(value) match {
    case bytes: InputStream =>
      try copy(bytes, out)
      finally bytes.close()
    case Bytes(bytes) => bytes.foreach(byte => out.write(byte.toInt))
    case other =>
      // A Writer, for writing bytes Jackson fails on half a surrogate pair where this makes it a question mark.
      val json = factory.createGenerator(new OutputStreamWriter(out, UTF_8))
      writeValue(other, json)
      json.close()
  }

  /** An iterator is looked into to see whether it has bytes, and that must not cost it an element. */
  private def peekable(value: Any): Any = value match {
    case iterator: Iterator[_] => iterator.buffered
    case other => other
  }

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
    case items: Iterator[_] => writeArray(items, json)
    case items: java.util.Collection[_] =>
      json.writeStartArray()
      items.forEach(item => writeValue(item, json))
      json.writeEndArray()
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

  private def copy(in: InputStream, out: OutputStream): Unit = {
    val buffer = new Array[Byte](64 * 1024)
    Iterator.continually(in.read(buffer)).takeWhile(_ >= 0).foreach(out.write(buffer, 0, _))
  }

  /** Lazy sequences and iterators that begin with a byte. A strict list of bytes is a list of numbers. */
  private object Bytes {
    def unapply(value: Any): Option[Iterator[Byte]] = value match {
      case _: List[_] | _: Queue[_] => None
      case lazily: LinearSeq[_] if lazily.headOption.exists(_.isInstanceOf[Byte]) =>
        Some(lazily.iterator.asInstanceOf[Iterator[Byte]])
      case iterator: BufferedIterator[_] if iterator.hasNext && iterator.head.isInstanceOf[Byte] =>
        Some(iterator.asInstanceOf[Iterator[Byte]])
      case _ => None
    }
  }
}
