package user;

import com.typesafe.config.Config;
import java.io.IOException;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.NamedObjects;
import spark.jobserver.api.DataFileCache;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSparkJob;

/** The new API in a plain context. */
public class JavaPlainJob implements JSparkJob<Long> {
  @Override
  public Long run(JavaSparkContext sc, JobEnvironment runtime, Config data) {
    NamedObjects objects = runtime.namedObjects();
    objects.forget(runtime.jobId() + runtime.contextConfig());
    try {
      return ((DataFileCache) runtime).getDataFile(data.getString("file")).length();
    } catch (IOException e) {
      return -1L;
    }
  }

  @Override
  public Config verify(JavaSparkContext sc, JobEnvironment runtime, Config config) {
    if (config.isEmpty()) throw new IllegalArgumentException("empty");
    return config;
  }
}
