package moved;

import com.typesafe.config.Config;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.BaseJavaJob;

/** A Java job in a context of a user's own. */
public class InOwnJava implements BaseJavaJob<String, OwnContext> {
  @Override
  public String run(OwnContext context, JobEnvironment runtime, Config data) {
    return "java in " + context.said().apply("name");
  }

  @Override
  public Config verify(OwnContext context, JobEnvironment runtime, Config config) {
    return config;
  }
}
