package user;

import com.typesafe.config.Config;
import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.JavaSparkJob;

/** The old API. */
public class JavaOldJob extends JavaSparkJob {
  @Override
  public Object runJob(JavaSparkContext sc, Config config) {
    return sc.parallelize(Arrays.asList(1, 2)).count();
  }

  @Override
  public String invalidate(JavaSparkContext sc, Config config) {
    return config.hasPath("n") ? null : "No n";
  }
}
