package org.apache.spark.hearth

import java.io.{InputStream, NotSerializableException, ObjectInput, ObjectOutput, OutputStream}
import java.nio.ByteBuffer

import scala.reflect.ClassTag

import org.apache.spark.SparkConf
import org.apache.spark.serializer.{
  DeserializationStream,
  JavaSerializer,
  JavaSerializerInstance,
  SerializationDebugger,
  SerializationStream,
  SerializerInstance
}
import org.apache.spark.util.ByteBufferInputStream

/**
 * Spark's Java serializer over [[VersionStreams]]. Spark looks for a `JavaSerializer` in places, and sends it to
 * executors with shuffles, so it is one and has a constructor without parameters.
 */
class VersionSerializer(conf: SparkConf) extends JavaSerializer(conf) {
  private var resetAfter = conf.getInt("spark.serializer.objectStreamReset", 100)
  private var explain = conf.getBoolean("spark.serializer.extraDebugInfo", defaultValue = true)

  /** For reading one only. */
  def this() = this(new SparkConf(false))

  override def newInstance(): SerializerInstance =
    new VersionSerializerInstance(
      resetAfter,
      explain,
      defaultClassLoader.getOrElse(Thread.currentThread.getContextClassLoader)
    )

  override def writeExternal(out: ObjectOutput): Unit = {
    super.writeExternal(out)
    out.writeInt(resetAfter)
    out.writeBoolean(explain)
  }

  override def readExternal(in: ObjectInput): Unit = {
    super.readExternal(in)
    resetAfter = in.readInt()
    explain = in.readBoolean()
  }
}

/**
 * @param resetAfter objects after which a stream forgets what it wrote, for else it would hold all of it; 0 is never
 * @param explain    whether the error for an object that cannot be written says how it was reached
 * @param usual      loads the classes that are of no version
 */
private[hearth] class VersionSerializerInstance(resetAfter: Int, explain: Boolean, usual: ClassLoader)
    extends JavaSerializerInstance(resetAfter, explain, usual) {

  override def serializeStream(to: OutputStream): SerializationStream = new SerializationStream {
    private val out = new VersionOutput(to)
    private var written = 0

    override def writeObject[T: ClassTag](it: T): SerializationStream = {
      try out.writeObject(it)
      catch {
        case error: NotSerializableException if explain => throw SerializationDebugger.improveException(it, error)
      }
      written += 1
      if (resetAfter > 0 && written >= resetAfter) {
        out.reset()
        written = 0
      }
      this
    }

    override def flush(): Unit = out.flush()

    override def close(): Unit = out.close()
  }

  override def deserializeStream(from: InputStream): DeserializationStream = new Reader(from, usual)

  override def deserializeStream(from: InputStream, loader: ClassLoader): DeserializationStream =
    new Reader(from, loader)

  /** Spark calls this one on the threads of tasks: for the task, and then for what the task runs. */
  override def deserialize[T: ClassTag](bytes: ByteBuffer, loader: ClassLoader): T = {
    val reader = new Reader(new ByteBufferInputStream(bytes), loader)
    val read = reader.readObject[T]()
    TaskLoader.enter(read, reader.versions)
    read
  }

  private final class Reader(from: InputStream, loader: ClassLoader) extends DeserializationStream {
    private val in = new VersionInput(from, loader)

    def versions: Seq[VersionLoader] = in.versions

    override def readObject[T: ClassTag](): T = in.readObject().asInstanceOf[T]

    override def close(): Unit = in.close()
  }
}
