import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkFiles;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSparkJob;

/**
 * Returns settings as the context's configuration and as Spark have them, numbers of its own configuration, and which
 * classes and files the driver and a task find.
 */
public class SettingsJob implements JSparkJob<Map<String, Object>> {

  @Override
  public Map<String, Object> run(JavaSparkContext sc, JobEnvironment runtime, Config data) {
    Map<String, Object> found = new TreeMap<>();
    Config settings = runtime.contextConfig();
    if (data.hasPath("settings")) {
      for (String path : data.getStringList("settings")) {
        boolean isList = settings.getValue(path).valueType() == ConfigValueType.LIST;
        found.put(path, isList ? settings.getStringList(path) : settings.getString(path));
      }
    }
    if (data.hasPath("conf")) {
      for (String key : data.getStringList("conf")) {
        found.put("conf:" + key, sc.getConf().get(key, "none"));
      }
    }
    if (data.hasPath("numbers")) {
      for (String path : data.getStringList("numbers")) {
        found.put(path, data.getInt(path) + " " + data.getDouble(path) + " " + data.getString(path));
      }
    }
    if (data.hasPath("classes")) {
      List<String> names = data.getStringList("classes");
      names.forEach(name -> found.put("driver:" + name, isThere(name)));
      List<Boolean> tasks = sc.parallelize(names, names.size()).map(SettingsJob::isThere).collect();
      for (int i = 0; i < names.size(); ++i) {
        found.put("task:" + names.get(i), tasks.get(i));
      }
    }
    if (data.hasPath("file")) {
      String name = data.getString("file");
      found.put("file", sc.parallelize(List.of(name), 1).map(SettingsJob::read).first());
    }
    return found;
  }

  private static boolean isThere(String name) {
    try {
      Class.forName(name, false, Thread.currentThread().getContextClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static String read(String name) throws IOException {
    return Files.readString(Paths.get(SparkFiles.get(name)));
  }

  @Override
  public Config verify(JavaSparkContext sc, JobEnvironment runtime, Config config) {
    return config;
  }
}
