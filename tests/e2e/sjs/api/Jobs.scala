// The shape of Spark Job Server's job API: names and signatures, and nothing that runs. Jobs are compiled against it and
// then run on Hearth's own API, as jars that were compiled for Spark Job Server are.

package spark.jobserver.api {

  import java.io.{File, IOException}

  import com.typesafe.config.Config
  import org.apache.spark.SparkContext
  import org.scalactic.{Every, Or}
  import spark.jobserver.NamedObjects

  trait JobEnvironment {
    def jobId: String
    def namedObjects: NamedObjects
    def contextConfig: Config
  }

  trait DataFileCache {
    @throws[IOException]
    def getDataFile(dataFile: String): File
  }

  trait ValidationProblem

  case class SingleProblem(problem: String) extends ValidationProblem

  trait SparkJobBase {
    type C
    type JobData
    type JobOutput
    def runJob(sc: C, runtime: JobEnvironment, data: JobData): JobOutput
    def validate(sc: C, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem]
  }

  trait SparkJob extends SparkJobBase {
    type C = SparkContext
  }

  trait OldSparkJob extends SparkJobBase {
    type C = SparkContext
    type JobOutput = Any
    type JobData = Config
  }
}

package spark.jobserver {

  import com.typesafe.config.Config
  import org.apache.spark.SparkContext
  import org.apache.spark.api.java.JavaSparkContext
  import org.apache.spark.sql.SparkSession
  import org.apache.spark.streaming.StreamingContext
  import org.scalactic.{Every, Or}
  import spark.jobserver.api.{JobEnvironment, ValidationProblem}
  import spark.jobserver.context.SparkSessionContextLikeWrapper
  import spark.jobserver.japi.BaseJavaJob

  sealed trait SparkJobValidation {
    def &&(sparkValidation: SparkJobValidation): SparkJobValidation = ???
  }

  case object SparkJobValid extends SparkJobValidation

  case class SparkJobInvalid(reason: String) extends SparkJobValidation with ValidationProblem

  trait SparkJobBase extends api.SparkJobBase {
    type JobOutput = Any
    type JobData = Config
    var namedObjects: NamedObjects = null
    def runJob(sc: C, jobConfig: Config): Any
    def validate(sc: C, config: Config): SparkJobValidation
    def runJob(sc: C, runtime: JobEnvironment, data: JobData): JobOutput = ???
    def validate(sc: C, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem] = ???
  }

  trait SparkJob extends SparkJobBase {
    type C = SparkContext
  }

  trait SparkStreamingJob extends SparkJobBase {
    type C = StreamingContext
  }

  trait SparkSessionJob extends api.SparkJobBase {
    type C = SparkSessionContextLikeWrapper
    def runJob(sparkSession: SparkSession, runtime: JobEnvironment, data: JobData): JobOutput
    def validate(
        sparkSession: SparkSession,
        runtime: JobEnvironment,
        config: Config
    ): JobData Or Every[ValidationProblem]
    override def runJob(sc: C, runtime: JobEnvironment, data: JobData): JobOutput = ???
    override def validate(sc: C, runtime: JobEnvironment, config: Config): JobData Or Every[ValidationProblem] = ???
  }

  class JavaSparkJob extends SparkJob {
    def runJob(jsc: JavaSparkContext, jobConfig: Config): Any = ???
    def invalidate(jsc: JavaSparkContext, config: Config): String = ???
    def runJob(sc: SparkContext, jobConfig: Config): Any = ???
    def validate(sc: SparkContext, config: Config): SparkJobValidation = ???
  }

  trait ContextLike {
    def sparkContext: SparkContext
    def stop(): Unit
  }

  trait BinaryJobInfo

  case class JobJarInfo(constructor: () => api.SparkJobBase, className: String, jarFilePath: String)
      extends BinaryJobInfo

  case class JavaJarInfo(job: BaseJavaJob[_, _], className: String, jarFilePath: String) extends BinaryJobInfo

  case class PythonJobInfo(packagePath: String) extends BinaryJobInfo

  trait JobCache {
    def getSparkJob(classPath: Seq[String], mainClass: String): JobJarInfo
    def getJavaJob(classPath: Seq[String], mainClass: String): JavaJarInfo
    def getPythonJob(classPath: Seq[String], mainClass: String): PythonJobInfo
  }
}

package spark.jobserver.japi {

  import scala.reflect.ClassTag

  import com.typesafe.config.Config
  import org.apache.spark.api.java.JavaSparkContext
  import org.apache.spark.sql.SparkSession
  import org.apache.spark.streaming.StreamingContext
  import org.scalactic.{Every, Or}
  import spark.jobserver.api.{JobEnvironment, SparkJobBase, ValidationProblem}
  import spark.jobserver.context.SparkSessionContextLikeWrapper

  trait BaseJavaJob[R, C] {
    def run(sc: C, runtime: JobEnvironment, data: Config): R
    def verify(sc: C, runtime: JobEnvironment, config: Config): Config
  }

  trait JSparkJob[R] extends BaseJavaJob[R, JavaSparkContext]

  trait JStreamingJob[R] extends BaseJavaJob[R, StreamingContext]

  abstract class JSessionJob[R] extends BaseJavaJob[R, SparkSessionContextLikeWrapper] {
    def run(sparkSession: SparkSession, runtime: JobEnvironment, data: Config): R
    def verify(sparkSession: SparkSession, runtime: JobEnvironment, config: Config): Config
    override def run(sc: SparkSessionContextLikeWrapper, runtime: JobEnvironment, data: Config): R = ???
    override def verify(sc: SparkSessionContextLikeWrapper, runtime: JobEnvironment, config: Config): Config = ???
  }

  case class JavaValidationException(reason: String, t: Throwable) extends Exception with ValidationProblem

  case class JavaJob[R: ClassTag, CX: ClassTag](job: BaseJavaJob[R, CX]) extends SparkJobBase {
    override type C = CX
    override type JobData = Config
    override type JobOutput = R
    def runJob(sc: CX, runtime: JobEnvironment, data: Config): R = ???
    def validate(sc: CX, runtime: JobEnvironment, config: Config): Config Or Every[ValidationProblem] = ???
  }
}
