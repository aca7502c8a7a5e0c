package moved;

import com.typesafe.config.Config;
import org.apache.spark.sql.SparkSession;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSessionJob;

/** Counts the rows of `sql`. */
public class InSessionJava extends JSessionJob<Long> {
  @Override
  public Long run(SparkSession spark, JobEnvironment runtime, Config data) {
    return spark.sql(data.getString("sql")).count();
  }

  @Override
  public Config verify(SparkSession spark, JobEnvironment runtime, Config config) {
    return config;
  }
}
