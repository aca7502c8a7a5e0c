package user;

import com.typesafe.config.Config;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JStreamingJob;

/** The new API in a streaming context, whose type Spark has deprecated: hence no import. */
@SuppressWarnings("deprecation")
public class JavaStreamJob implements JStreamingJob<String> {
  @Override
  public String run(org.apache.spark.streaming.StreamingContext ssc, JobEnvironment runtime, Config data) {
    ssc.start();
    return "started";
  }

  @Override
  public Config verify(org.apache.spark.streaming.StreamingContext ssc, JobEnvironment runtime, Config config) {
    return config;
  }
}
