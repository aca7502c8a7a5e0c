package org.apache.spark.hearth

import java.nio.file.Files
import java.util.{Collections, Map => JavaMap}

import org.apache.spark.{SparkContext, SparkEnv}
import org.apache.spark.api.plugin.{DriverPlugin, ExecutorPlugin, PluginContext, SparkPlugin}

/**
 * Makes a Spark context one in which the class of an object says which version it is of: in the driver, before it has
 * begun to schedule, and in each executor. The agent sets it as `spark.plugins`.
 */
class VersionPlugin extends SparkPlugin {
  import VersionPlugin.{KeptInExecutor, OwnFirstInExecutor, Source}

  override def driverPlugin(): DriverPlugin = new DriverPlugin {
    override def init(sc: SparkContext, context: PluginContext): JavaMap[String, String] = {
      val loader = Thread.currentThread.getContextClassLoader
      // Not those of a context that was in this process before.
      TaskLoader.usual = loader
      VersionLoader.ofSpark = null
      SparkSerializers.replace(sc.env, loader)
      JobThreads.install(sc)
      Carry.install(sc)
      Collections.singletonMap(Source, sc.env.rpcEnv.address.toSparkURL)
    }
  }

  override def executorPlugin(): ExecutorPlugin = new ExecutorPlugin {
    override def init(context: PluginContext, fromDriver: JavaMap[String, String]): Unit = {
      val env = SparkEnv.get
      val loader = Thread.currentThread.getContextClassLoader
      TaskLoader.usual = loader
      if (env.executorId == SparkContext.DRIVER_IDENTIFIER) VersionLoader.ofSpark = loader
      else {
        val jars = new FetchedJars(
          () => env.rpcEnv,
          fromDriver.get(Source),
          // Spark's own, which goes with the executor.
          Files.createTempDirectory(env.blockManager.diskBlockManager.localDirs.head.toPath, "hearth-versions")
        )
        val ownFirst = env.conf.getBoolean(OwnFirstInExecutor, defaultValue = false)
        VersionLoaders.ofProcess = new VersionLoaders(jars, loader, ownFirst, KeptInExecutor)
        SparkSerializers.replace(env, loader)
      }
    }
  }
}

private[hearth] object VersionPlugin {

  /** What the driver's part tells the executors': where jars come from. */
  private val Source = "source"

  private val OwnFirstInExecutor = "spark.executor.userClassPathFirst"

  /** Versions that an executor keeps although no task of theirs runs. */
  private val KeptInExecutor = 16
}
