package spark.jobserver

import org.apache.spark.SparkContext

/** What a context factory makes: anything that stands on a `SparkContext`. */
trait ContextLike {

  /** The Spark context underneath. */
  def sparkContext: SparkContext

  /** Ends it, and the Spark context with it. */
  def stop(): Unit
}
