package spark.jobserver

import java.io.{ByteArrayInputStream, File, InputStream, SequenceInputStream}
import java.nio.charset.StandardCharsets.UTF_8
import java.util.Arrays
import java.util.concurrent.atomic.AtomicInteger
import java.util.stream.IntStream

import scala.annotation.nowarn

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import spark.jobserver.api.JobEnvironment

/** The numbers 1, 2 and 3 as a lazy result of the given `kind`. */
class LazyJob extends NewApiJob[Any] {
  // Scala 2.13 prefers a LazyList, which 2.12 does not have.
  @nowarn("cat=deprecation")
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Any = config.getString("kind") match {
    case "iterator" => Iterator(1, 2, 3)
    case "partitions" => sc.parallelize(Seq(1, 2, 3), 3).toLocalIterator
    case "stream" => Stream.from(1).take(3)
    case "java iterator" => Arrays.asList(1, 2, 3).iterator
    case "java stream" => IntStream.rangeClosed(1, 3)
    case "input stream" => Texts.stream("[1, 2, 3]")
    case "bytes" => "[1, 2, 3]".getBytes(UTF_8).toStream
  }
}

/** A lazy list of `mib` texts (10) of one MiB each, which are never all in memory. */
class FloodJob extends NewApiJob[Iterator[String]] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Iterator[String] = {
    Flood.made.set(0)
    val text = "x" * Flood.MiB
    Iterator.fill(if (config.hasPath("mib")) config.getInt("mib") else 10) {
      Flood.made.incrementAndGet()
      text
    }
  }
}

/** How many texts [[FloodJob]] has made. */
class FloodedJob extends NewApiJob[Int] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Int = Flood.made.get
}

private object Flood {
  val MiB: Int = 1 << 20
  val made = new AtomicInteger
}

/** The list `["now", "later"]`, whose second text follows when there is a file at `until`. */
class HaltingStreamJob extends NewApiJob[InputStream] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): InputStream =
    new SequenceInputStream(Texts.stream("[\"now\", "), new LateStream(new File(config.getString("until")), "\"later\"]"))
}

/** A text that is available once a file exists. */
private final class LateStream(until: File, text: String) extends InputStream {
  private lazy val late = {
    while (!until.exists()) Thread.sleep(20)
    Texts.stream(text)
  }
  override def read(): Int = late.read()
}

private object Texts {
  def stream(text: String): InputStream = new ByteArrayInputStream(text.getBytes(UTF_8))
}
