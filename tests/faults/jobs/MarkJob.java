import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSparkJob;

/** Leaves a mark in a file, so that it can be counted how often it ran, has Spark do something, and returns the mark. */
public class MarkJob implements JSparkJob<String> {

  @Override
  public String run(JavaSparkContext sc, JobEnvironment runtime, Config data) {
    String mark = data.getString("mark");
    byte[] line = (mark + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      Files.write(Paths.get(data.getString("file")), line, StandardOpenOption.APPEND);
      Thread.sleep(data.getLong("millis"));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (sc.parallelize(Arrays.asList(1, 2, 3), 1).count() != 3) {
      throw new IllegalStateException("Spark cannot count");
    }
    return mark;
  }

  @Override
  public Config verify(JavaSparkContext sc, JobEnvironment runtime, Config config) {
    return config;
  }
}
