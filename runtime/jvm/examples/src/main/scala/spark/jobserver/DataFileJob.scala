package spark.jobserver

import java.nio.file.Files

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import spark.jobserver.api.{DataFileCache, JobEnvironment}

/** How many bytes the data file `file` has, and how many of its lines say `hearth`. */
class DataFileJob extends NewApiJob[Seq[Long]] {
  override def runJob(sc: SparkContext, runtime: JobEnvironment, config: Config): Seq[Long] = {
    val file = runtime.asInstanceOf[DataFileCache].getDataFile(config.getString("file"))
    val lines = Files.lines(file.toPath)
    try Seq(file.length, lines.filter(_ == "hearth").count())
    finally lines.close()
  }
}
