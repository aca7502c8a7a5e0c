package org.apache.spark.hearth

import java.util.{Map => JavaMap}

import org.apache.spark.SparkEnv
import org.apache.spark.api.plugin.{DriverPlugin, ExecutorPlugin, PluginContext, SparkPlugin}
import org.apache.spark.serializer.Serializer

/**
 * Lets Spark's serializers use the class loader of the task's version. An executor ties them to the loader that it starts
 * with, which knows no job's jar: a broadcast or a cached block that holds a job's own class could not be read. Without
 * that tie they take the context class loader, and a task has its version's there.
 */
private[hearth] object ContextClassLoading {

  def apply(env: SparkEnv): Unit = {
    untie(env.serializer)
    // The Java and Kryo serializers of blocks; private fields whose names differ between versions of Spark.
    env.serializerManager.getClass.getDeclaredFields
      .filter(field => classOf[Serializer].isAssignableFrom(field.getType))
      .foreach { field =>
        field.setAccessible(true)
        untie(field.get(env.serializerManager).asInstanceOf[Serializer])
      }
  }

  // By reflection, for Spark lets nobody take the loader back: setDefaultClassLoader makes a Some of it.
  private val setLoader = classOf[Serializer].getMethod("defaultClassLoader_$eq", classOf[Option[_]])

  private def untie(serializer: Serializer): Unit = setLoader.invoke(serializer, None)
}

/** Runs [[ContextClassLoading]] in executors of their own processes. The agent sets it as `spark.plugins`. */
class VersionPlugin extends SparkPlugin {

  override def driverPlugin(): DriverPlugin = null

  override def executorPlugin(): ExecutorPlugin = new ExecutorPlugin {
    override def init(ctx: PluginContext, extraConf: JavaMap[String, String]): Unit =
      ContextClassLoading.apply(SparkEnv.get)
  }
}
