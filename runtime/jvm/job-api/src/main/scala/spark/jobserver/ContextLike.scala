package spark.jobserver

import org.apache.spark.SparkContext

/** The object that a context factory makes: anything that is built on a `SparkContext`. */
trait ContextLike {

  /** The Spark context underneath. */
  def sparkContext: SparkContext

  /** Ends this object, and the Spark context with it. */
  def stop(): Unit
}
