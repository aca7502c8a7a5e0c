import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueType;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import spark.jobserver.api.JobEnvironment;
import spark.jobserver.japi.JSparkJob;

/** Returns settings as the context's configuration and as Spark have them, and numbers of its own configuration. */
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
    return found;
  }

  @Override
  public Config verify(JavaSparkContext sc, JobEnvironment runtime, Config config) {
    return config;
  }
}
