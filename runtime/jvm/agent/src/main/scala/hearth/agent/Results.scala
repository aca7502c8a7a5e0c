package hearth.agent

import java.io.{InputStream, OutputStream, OutputStreamWriter}
import java.nio.charset.StandardCharsets.UTF_8
import java.util.{Map => JavaMap}
import java.util.stream.BaseStream

import scala.collection.immutable.{LinearSeq, Queue}
import scala.runtime.ScalaRunTime

import com.fasterxml.jackson.core.{JsonFactory, JsonGenerator}
import com.typesafe.config.{Config, ConfigValue}

/** The value that a job returned, which can be written once. It keeps only the unwritten rest of a lazy sequence. */
sealed trait Result {

  /** Whether the job goes on producing it while it is written. */
  def isLazy: Boolean

  /** Writes the value as JSON. Exceptions of the job's own `toString` and iterators are not caught. */
  def writeTo(out: ResultBytes): Unit
}

/**
 * Makes JSON of the values that jobs return, the same as Spark Job Server makes where that has a form for them. Maps
 * become objects, whose keys are made strings: a symbol becomes its name, and of several keys with one text the last
 * counts. Sequences, sets, arrays, Java collections, iterators and streams become arrays, and so do case classes, tuples
 * and options. Int, Long, Float and Double are numbers; NaN and the infinities, which JSON does not have, become null.
 * The parts of a configuration become what they hold. A stream of bytes (an `InputStream`, a lazy sequence or an
 * iterator of bytes) is taken for the JSON text itself. Any other value is written as its `toString`, numbers of other
 * types among them.
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

  private def inScala[T](items: java.util.Iterator[T]): Iterator[T] = new Iterator[T] {
    override def hasNext: Boolean = items.hasNext
    override def next(): T = items.next()
  }

  private def entries[K, V](map: JavaMap[K, V]): Iterator[(K, V)] =
    inScala(map.entrySet.iterator).map(entry => (entry.getKey, entry.getValue))

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
      // As a Double, for a client that reads it as one: 0.1f is 0.10000000149011612.
      if (number.isNaN || number.isInfinite) json.writeNull() else json.writeNumber(number.toDouble)
    case config: Config => writeValue(config.root.unwrapped, json)
    case value: ConfigValue => writeValue(value.unwrapped, json)
    case map: scala.collection.Map[_, _] => writeObject(map.keysIterator, map.iterator, json)
    case map: JavaMap[_, _] => writeObject(inScala(map.keySet.iterator), entries(map), json)
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

  private def writeObject(keys: Iterator[Any], members: Iterator[(Any, Any)], json: JsonGenerator): Unit = {
    json.writeStartObject()
    val fields = members.map { case (key, value) => (keyText(key), value) }
    (if (mayMeet(keys)) lastOfEachName(fields) else fields).foreach { case (name, value) =>
      json.writeFieldName(name)
      writeValue(value, json)
    }
    json.writeEndObject()
  }

  private def keyText(key: Any): String = key match {
    case symbol: Symbol => symbol.name
    case other => String.valueOf(other)
  }

  /** Types of which no two values have the same text. */
  private val distinctAsTexts: Set[Class[_]] =
    Set(classOf[String], classOf[Symbol], classOf[Integer], classOf[java.lang.Long])

  /** Whether two of the keys could become the same name. */
  private def mayMeet(keys: Iterator[Any]): Boolean = keys.hasNext && {
    val kind = kindOf(keys.next())
    !distinctAsTexts(kind) || !keys.forall(kindOf(_) == kind)
  }

  private def kindOf(key: Any): Class[_] = if (key == null) classOf[AnyRef] else key.getClass

  private def lastOfEachName(fields: Iterator[(String, Any)]): Iterator[(String, Any)] = {
    val found = new java.util.LinkedHashMap[String, Any]
    fields.foreach { case (name, value) => found.put(name, value) }
    entries(found)
  }

  private def writeArray(items: Iterator[Any], json: JsonGenerator): Unit = {
    json.writeStartArray()
    items.foreach(writeValue(_, json))
    json.writeEndArray()
  }
}
