package example;

import com.typesafe.config.Config;
import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSparkJob;

/** How many words the key `text` holds. */
public class WordsInJava implements JSparkJob<Long> {
  @Override
  public Long run(JavaSparkContext sc, JobEnvironment runtime, Config data) {
    return sc.parallelize(Arrays.asList(data.getString("text").split(" "))).count();
  }

  @Override
  public Config verify(JavaSparkContext sc, JobEnvironment runtime, Config config) {
    return config;
  }
}
