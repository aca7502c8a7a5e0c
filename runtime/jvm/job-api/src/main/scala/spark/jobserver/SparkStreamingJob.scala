package spark.jobserver

import org.apache.spark.streaming.StreamingContext

/** A job in a `StreamingContext`, for contexts of the streaming factory. It usually runs until the context is stopped. */
trait SparkStreamingJob extends api.SparkJobBase {
  type C = StreamingContext
}
