package org.apache.spark.hearth

import org.apache.spark.{SparkConf, SparkEnv}
import org.apache.spark.network.netty.NettyBlockTransferService
import org.apache.spark.serializer.{JavaSerializer, KryoSerializer, Serializer}
import org.slf4j.LoggerFactory

/**
 * Replaces the serializers of a process of Spark by those that write versions. Not by `spark.serializer`: executors
 * read that before they have the jar that these are in.
 */
private[hearth] object SparkSerializers {
  private val log = LoggerFactory.getLogger("hearth.versions")

  /**
   * @param loader knows what is of no version
   * @throws java.lang.NoSuchFieldException when Spark is not as this object knows it
   */
  def replace(env: SparkEnv, loader: ClassLoader): Unit = {
    val forClosures = serializer(env.conf, loader)
    Fields.set(env, "closureSerializer", forClosures)
    // Heartbeats and other messages have accumulators in them.
    Fields.set(env.rpcEnv, "javaSerializerInstance", forClosures.newInstance())
    // Blocks that are copied to another executor say of which class their elements are.
    env.blockManager.blockTransferService match {
      case service: NettyBlockTransferService => replace(service, forClosures)
      case _ =>
    }
    forData(env, loader).foreach { data =>
      Fields.set(env, "serializer", data)
      Fields.set(env.serializerManager, "defaultSerializer", data)
    }
  }

  private def replace(service: NettyBlockTransferService, forTags: Serializer): Unit = {
    Fields.set(service, "serializer", forTags)
    // There in executors, which listen already.
    Option(Fields.get(service, "transportContext")).foreach { transport =>
      Fields.set(Fields.get(transport, "rpcHandler"), "serializer", forTags)
    }
  }

  private def forData(env: SparkEnv, loader: ClassLoader): Option[Serializer] =
    if (env.serializer.getClass == classOf[JavaSerializer]) Some(serializer(env.conf, loader))
    else if (env.serializer.getClass == classOf[KryoSerializer]) {
      val kryo = new VersionKryo(env.conf)
      kryo.setDefaultClassLoader(loader)
      Some(kryo)
    } else {
      log.warn(
        s"Spark's data is written by ${env.serializer.getClass.getName}, which does not say of which version a class is: " +
          "jobs of this context shall not pass objects of their own classes to jobs of other jars or versions"
      )
      None
    }

  private def serializer(conf: SparkConf, loader: ClassLoader): Serializer =
    new VersionSerializer(conf).setDefaultClassLoader(loader)
}
