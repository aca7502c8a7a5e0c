package moved;

import com.typesafe.config.Config;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JStreamingJob;

/** Asks the streaming context of its state. */
@SuppressWarnings("deprecation")
public class InStreamJava implements JStreamingJob<String> {
  @Override
  public String run(org.apache.spark.streaming.StreamingContext ssc, JobEnvironment runtime, Config data) {
    return ssc.getState().toString();
  }

  @Override
  public Config verify(org.apache.spark.streaming.StreamingContext ssc, JobEnvironment runtime, Config config) {
    return config;
  }
}
