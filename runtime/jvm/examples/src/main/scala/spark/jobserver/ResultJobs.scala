package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.sql.SparkSession
import org.scalactic.{Every, Good, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

/** A person, as a job may return one. */
case class Person(name: String, age: Option[Int], at: (Double, Double))

/** Case classes, options and tuples in maps and lists; one list comes from executors. */
class CaseClassJob extends NewApiJob[Any] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Any = {
    val people =
      sc.parallelize(Seq("Ada", "Grace"), 2).map(name => Person(name, Some(name.length), (1.5, -2))).collect()
    Map("people" -> people, "nobody" -> Person("", None, (0, 0)), "nothing" -> null, "nested" -> List(Seq(1), Set("a")))
  }
}

/** A text as a stream of bytes, which has to be JSON by itself. */
class StreamJob extends NewApiJob[java.io.InputStream] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): java.io.InputStream =
    new java.io.ByteArrayInputStream("""{"streamed": [1, 2, 3]}""".getBytes("UTF-8"))
}

/** For session contexts: runs `sql` (`select 1`) and returns its rows as lists. */
class SessionSqlJob extends SparkSessionJob {
  type JobData = String
  type JobOutput = Seq[Seq[Any]]

  override def validate(
      spark: SparkSession,
      runtime: JobEnvironment,
      config: Config
  ): JobData Or Every[ValidationProblem] =
    Good(if (config.hasPath("sql")) config.getString("sql") else "select 1")

  override def runJob(spark: SparkSession, runtime: JobEnvironment, sql: String): JobOutput =
    spark.sql(sql).collect().toSeq.map(_.toSeq)
}

/** One value of each kind that a result may hold. */
class EveryResultJob extends NewApiJob[Any] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Any = {
    val javaMap = new java.util.LinkedHashMap[Any, Any]
    javaMap.put(1, java.util.Arrays.asList("x", null))
    Map(
      "text" -> "grüße \" \n 𝄞",
      "numbers" -> Seq[Any](1, 2L, 3.5, 4.25f, 5.toShort, 6.toByte),
      "big" -> Seq(BigInt("123456789012345678901234567890"), new java.math.BigDecimal("0.10")),
      "no numbers" -> Seq(Double.NaN, Double.PositiveInfinity, Float.NaN),
      "yes" -> true,
      "nothing" -> Seq(null, None, ()),
      "options" -> Some(Some(1)),
      "either" -> Right(2),
      "tuples" -> ((1, ("a", 'b'))),
      "case class" -> Seq(Person("Ada", Some(36), (1, 2))),
      "arrays" -> Array(Array(1, 2), Array.empty[Int]),
      "set" -> Set(1),
      "java" -> javaMap,
      "keys" -> Map[Any, Any](1 -> "int", Some(2) -> "option", Symbol("s") -> "symbol", "1" -> "text"),
      "config" -> com.typesafe.config.ConfigFactory.parseString("a = [1, x]"),
      "lazy" -> Iterator(1, 2),
      "range" -> (1 to 3),
      "other" -> java.util.Locale.GERMANY
    )
  }
}

/** The text `{"bytes": "…"}` with `size` dots (10), as an iterator of bytes. */
class BytesJob extends NewApiJob[Iterator[Byte]] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Iterator[Byte] = {
    val size = if (config.hasPath("size")) config.getInt("size") else 10
    "{\"bytes\": \"".iterator.map(_.toByte) ++ Iterator.fill(size)('.'.toByte) ++ "\"}".iterator.map(_.toByte)
  }
}

/** The user that Hadoop takes the job for. */
class UserJob extends NewApiJob[String] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): String =
    org.apache.hadoop.security.UserGroupInformation.getCurrentUser.getShortUserName
}
