package spark.jobserver

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.sql.SparkSession
import org.scalactic.{Every, Good, Or}
import spark.jobserver.api.{JobEnvironment, ValidationProblem}

/** Somebody, to be returned by a job. */
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
