package moved;

import com.typesafe.config.Config;
import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSparkJob;
import spark.jobserver.japi.JavaValidationException;

/** A Java job. Without `n` it throws its refusal, as code that cares for no checked exception can. */
public class InPlainJava implements JSparkJob<Long> {
  @Override
  public Long run(JavaSparkContext sc, JobEnvironment runtime, Config data) {
    return sc.parallelize(Arrays.asList(1, 2)).count() + data.getInt("n");
  }

  @Override
  public Config verify(JavaSparkContext sc, JobEnvironment runtime, Config config) {
    if (!config.hasPath("n")) throw InPlainJava.<RuntimeException>unchecked(new JavaValidationException("No n", null));
    return config;
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(Exception e) throws T {
    throw (T) e;
  }
}
