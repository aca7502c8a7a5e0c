package user;

import com.typesafe.config.Config;
import org.apache.spark.sql.SparkSession;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSessionJob;

/** The new API in a session. */
public class JavaSessionJob extends JSessionJob<Long> {
  @Override
  public Long run(SparkSession spark, JobEnvironment runtime, Config data) {
    return spark.sql(data.getString("sql")).count();
  }

  @Override
  public Config verify(SparkSession spark, JobEnvironment runtime, Config config) {
    return config;
  }
}
