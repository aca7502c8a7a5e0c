package spark.jobserver.context

import com.typesafe.config.Config
import org.apache.spark.{SparkConf, SparkContext}
import org.apache.spark.api.java.JavaSparkContext
import org.apache.spark.hearth.JobSparkContext
import spark.jobserver.{api, ContextLike}
import spark.jobserver.api.SparkJobBase
import spark.jobserver.japi.{BaseJavaJob, JSparkJob}

/** The default factory: makes a `SparkContext` for jobs of the new and the old Scala API and of the old Java API. */
class DefaultSparkContextFactory extends ScalaContextFactory {
  type C = SparkContext with ContextLike

  override def isValidJob(job: SparkJobBase): Boolean = job match {
    case _: api.SparkJob | _: api.OldSparkJob | _: spark.jobserver.SparkJob => true
    case _ => false
  }

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    new JobSparkContext(sparkConf) with ContextLike {
      override def sparkContext: SparkContext = this
    }
}

/** Makes a `JavaSparkContext` for jobs of the Java API. */
class JavaSparkContextFactory extends JavaContextFactory {
  type C = JavaSparkContext with ContextLike

  override def isValidJob(job: BaseJavaJob[_, _]): Boolean = job.isInstanceOf[JSparkJob[_]]

  override def makeContext(sparkConf: SparkConf, config: Config, contextName: String): C =
    new JavaSparkContext(new JobSparkContext(sparkConf)) with ContextLike {
      override def sparkContext: SparkContext = sc
    }
}
