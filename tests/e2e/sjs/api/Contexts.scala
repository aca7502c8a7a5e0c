package spark.jobserver.context {

  import com.typesafe.config.Config
  import org.apache.spark.{SparkConf, SparkContext}
  import org.apache.spark.api.java.JavaSparkContext
  import org.apache.spark.sql.SparkSession
  import org.apache.spark.streaming.StreamingContext
  import org.scalactic.Or
  import org.slf4j.{Logger, LoggerFactory}
  import spark.jobserver.{ContextLike, JobCache}
  import spark.jobserver.api.SparkJobBase
  import spark.jobserver.japi.BaseJavaJob

  trait JobContainer {
    def getSparkJob: SparkJobBase
  }

  case class ScalaJobContainer(job: SparkJobBase) extends JobContainer {
    def getSparkJob: SparkJobBase = ???
  }

  sealed trait LoadingError
  case object JobClassNotFound extends LoadingError
  case object JobWrongType extends LoadingError
  case class JobLoadError(ex: Exception) extends LoadingError

  trait SparkContextFactory {
    type C <: ContextLike
    type J <: JobContainer
    def loadAndValidateJob(classPath: Seq[String], mainClass: String, jobCache: JobCache): J Or LoadingError
    def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C
    def makeContext(config: Config, contextConfig: Config, contextName: String): C = ???
    def updateConfig(contextConfig: Config): Config = ???
    def runsPython: Boolean = ???
  }

  trait ScalaContextFactory extends SparkContextFactory {
    type J = ScalaJobContainer
    val logger: Logger = LoggerFactory.getLogger(getClass)
    def loadAndValidateJob(classPath: Seq[String], mainClass: String, jobCache: JobCache): J Or LoadingError = ???
    def isValidJob(job: SparkJobBase): Boolean
  }

  trait JavaContextFactory extends SparkContextFactory {
    type J = ScalaJobContainer
    val logger: Logger = LoggerFactory.getLogger(getClass)
    def loadAndValidateJob(classPath: Seq[String], mainClass: String, jobCache: JobCache): J Or LoadingError = ???
    def isValidJob(job: BaseJavaJob[_, _]): Boolean
  }

  case class SparkSessionContextLikeWrapper(spark: SparkSession) extends ContextLike {
    val logger: Logger = LoggerFactory.getLogger(getClass)
    def sparkContext: SparkContext = ???
    def stop(): Unit = ???
  }

  class DefaultSparkContextFactory extends ScalaContextFactory {
    type C = SparkContext with ContextLike
    def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = ???
    def isValidJob(job: SparkJobBase): Boolean = ???
  }

  class JavaSparkContextFactory extends JavaContextFactory {
    type C = JavaSparkContext with ContextLike
    def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = ???
    def isValidJob(job: BaseJavaJob[_, _]): Boolean = ???
  }

  class SessionContextFactory extends ScalaContextFactory {
    type C = SparkSessionContextLikeWrapper
    def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = ???
    def isValidJob(job: SparkJobBase): Boolean = ???
    protected def setupHiveSupport(config: Config, builder: SparkSession.Builder): Any = ???
  }

  class JavaSessionContextFactory extends JavaContextFactory {
    type C = SparkSessionContextLikeWrapper
    def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = ???
    def isValidJob(job: BaseJavaJob[_, _]): Boolean = ???
    protected def setupHiveSupport(config: Config, builder: SparkSession.Builder): Any = ???
  }

  class StreamingContextFactory extends ScalaContextFactory {
    type C = StreamingContext with ContextLike
    def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = ???
    def isValidJob(job: SparkJobBase): Boolean = ???
  }

  class JavaStreamingContextFactory extends JavaContextFactory {
    type C = StreamingContext with ContextLike
    def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C = ???
    def isValidJob(job: BaseJavaJob[_, _]): Boolean = ???
  }
}

package spark.jobserver.util {

  import com.typesafe.config.Config
  import org.apache.spark.SparkConf
  import org.slf4j.Logger

  object JobserverConfig {
    val IS_SPARK_SESSION_HIVE_ENABLED = ""
  }

  trait SparkMasterProvider {
    def getSparkMaster(config: Config): String
  }

  object SparkMasterProvider {
    val logger: Logger = ???
    val SparkMasterProperty = ""
    def fromConfig(config: Config): SparkMasterProvider = ???
  }

  object DefaultSparkMasterProvider extends SparkMasterProvider {
    def getSparkMaster(config: Config): String = ???
  }

  object SparkJobUtils {
    val NameContextDelimiter = ""
    val SPARK_PROXY_USER_PARAM = ""
    def userNamePrefix(userName: String): String = ???
    def removeProxyUserPrefix(userName: => String, contextNames: Seq[String], filter: Boolean): Seq[String] = ???
    def configToSparkConf(config: Config, contextConfig: Config, contextName: String): SparkConf = ???
    def getHadoopConfig(config: Config): Map[String, String] = ???
    def getMaxRunningJobs(config: Config): Int = ???
    def getContextCreationTimeout(config: Config): Int = ???
    def getContextDeletionTimeout(config: Config): Int = ???
    def getForkedJVMInitTimeout(config: Config): Long = ???
  }
}
