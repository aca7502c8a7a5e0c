package spark.jobserver;

import com.typesafe.config.Config;
import java.nio.file.Paths;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JStreamingJob;

/** Starts the stream of {@link StreamingSumJob} and ends; the stream goes on until its context is stopped. */
@SuppressWarnings("deprecation") // by Spark 4, streaming contexts as such
public class JavaStreamingSumJob implements JStreamingJob<String> {

  @Override
  public String run(org.apache.spark.streaming.StreamingContext ssc, JobEnvironment runtime, Config data) {
    BatchSums.start(ssc, Paths.get(data.getString("out")));
    return "started";
  }

  @Override
  public Config verify(org.apache.spark.streaming.StreamingContext ssc, JobEnvironment runtime, Config config) {
    return config;
  }
}
