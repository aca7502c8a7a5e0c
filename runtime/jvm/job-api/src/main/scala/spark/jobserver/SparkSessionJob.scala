package spark.jobserver

import org.apache.spark.sql.SparkSession

/** A job in a `SparkSession`, for contexts of the session factory. */
trait SparkSessionJob extends api.SparkJobBase {
  type C = SparkSession
}
