package spark.jobserver;

import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSparkJob;

/** Counts the words of {@code input.string}; without that its verification throws, which is the job's error. */
public class JavaWordCountJob implements JSparkJob<Map<String, Long>> {

  @Override
  public Map<String, Long> run(JavaSparkContext sc, JobEnvironment runtime, Config data) {
    return sc.parallelize(Arrays.asList(data.getString("input.string").split(" "))).countByValue();
  }

  @Override
  public Config verify(JavaSparkContext sc, JobEnvironment runtime, Config config) {
    if (!config.hasPath("input.string")) {
      throw new IllegalArgumentException("No input.string config param");
    }
    return config;
  }
}
