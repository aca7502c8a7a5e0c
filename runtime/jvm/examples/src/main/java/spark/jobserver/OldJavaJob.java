package spark.jobserver;

import com.typesafe.config.Config;
import org.apache.spark.api.java.JavaSparkContext;

/** A job of the old Java API, for contexts of the default factory: doubles {@code number}. */
public class OldJavaJob extends JavaSparkJob {

  @Override
  public Object runJob(JavaSparkContext sc, Config jobConfig) {
    return jobConfig.getInt("number") * 2;
  }

  @Override
  public String invalidate(JavaSparkContext sc, Config config) {
    return config.hasPath("number") ? null : "No number config param";
  }
}
