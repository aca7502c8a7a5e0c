package hearth.agent

import java.nio.file.Paths

import scala.util.control.NonFatal

import org.apache.hadoop.fs.FileSystem
import org.apache.spark.SparkConf
import org.apache.spark.sql.SparkSession
import org.slf4j.LoggerFactory

/**
 * A Spark context that is started, used and stopped for nothing but its effect on the JVM: classes are loaded and code
 * is warm, so that the next one is there in a tenth of the time. What it leaves behind must not be seen by the next.
 */
object Rehearsal {
  private val log = LoggerFactory.getLogger(getClass)

  def run(): Unit = {
    val properties = System.getProperties.clone().asInstanceOf[java.util.Properties]
    val loader = Thread.currentThread.getContextClassLoader
    try {
      val made = Context.make(start)
      try {
        made.sparkContext.parallelize(1 to 10, 1).map(_ * 2).collect()
        // Frames and results are the other half of what a first job waits for.
        Frames.parse(Frames.encode(Kind.AgentPing, Frames.header().put("seq", 1)).drop(8))
        sql(made)
      } finally made.stop()
    } finally {
      SparkSession.clearActiveSession()
      SparkSession.clearDefaultSession()
      // Kept by the scheme alone: the next context's Hadoop settings would not count.
      FileSystem.closeAll()
      System.setProperties(properties)
      Thread.currentThread.setContextClassLoader(loader)
    }
  }

  private def sql(made: Context): Unit =
    try {
      val session = SparkSession.builder().config(made.sparkContext.getConf).getOrCreate()
      session.range(10).selectExpr("sum(id)").collect()
      ()
    } catch { case NonFatal(error) => log.info(s"No SQL in the rehearsal: $error") }

  /** Whatever the master of contexts is, this one shall take nothing of a cluster. */
  private def start = {
    val ui = new SparkConf().get("spark.ui.enabled", "true")
    StartFile(
      contextId = "",
      contextName = "rehearsal",
      token = "",
      endpointFile = null,
      endpointSocket = "",
      contextFactory = "",
      settings = Map.empty,
      sparkConf = Map(
        "spark.master" -> "local[1]",
        "spark.app.name" -> "rehearsal",
        "spark.ui.enabled" -> ui,
        "spark.ui.port" -> "0",
        "spark.eventLog.enabled" -> "false"
      ),
      hadoopConf = Map.empty,
      jars = Nil,
      orphanTimeoutMs = 0,
      heartbeatMs = 0,
      folder = Paths.get("").toAbsolutePath
    )
  }
}
