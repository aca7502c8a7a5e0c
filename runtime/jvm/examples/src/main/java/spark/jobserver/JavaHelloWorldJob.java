package spark.jobserver;

import com.typesafe.config.Config;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSparkJob;

/** A job in Java, for contexts of the Java factory. */
public class JavaHelloWorldJob implements JSparkJob<String> {

  @Override
  public String run(JavaSparkContext sc, JobEnvironment runtime, Config data) {
    return "Hi!";
  }

  @Override
  public Config verify(JavaSparkContext sc, JobEnvironment runtime, Config config) {
    return config;
  }
}
