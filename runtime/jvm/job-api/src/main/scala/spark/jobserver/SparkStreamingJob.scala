package spark.jobserver

import org.apache.spark.streaming.StreamingContext

/** A job of the old API in a `StreamingContext`, for contexts of the streaming factory. */
trait SparkStreamingJob extends SparkJobBase {
  type C = StreamingContext
}
