package spark.jobserver

import java.util.concurrent.{LinkedBlockingQueue, TimeUnit}

import com.esotericsoftware.kryo.{Kryo, Serializer}
import com.esotericsoftware.kryo.io.{Input, Output}
import com.typesafe.config.Config
import org.apache.spark.rdd.RDD
import org.apache.spark.scheduler.{SparkListener, SparkListenerExecutorMetricsUpdate}
import org.apache.spark.serializer.KryoRegistrator
import org.apache.spark.sql.{Row, SparkSession, SQLContext}
import org.apache.spark.sql.sources.{BaseRelation, RelationProvider, TableScan}
import org.apache.spark.sql.types.{IntegerType, StructType}
import org.apache.spark.util.AccumulatorV2
import spark.jobserver.api.JobEnvironment

/** Collects objects of the job's own. */
class Sightings extends AccumulatorV2[Sighting, Vector[Sighting]] {
  private var all = Vector.empty[Sighting]

  override def isZero: Boolean = all.isEmpty
  override def copy(): Sightings = { val made = new Sightings; made.all = all; made }
  override def reset(): Unit = all = Vector.empty
  override def add(it: Sighting): Unit = all = all :+ it
  override def merge(other: AccumulatorV2[Sighting, Vector[Sighting]]): Unit = all = all ++ other.value
  override def value: Vector[Sighting] = all
}

/** The versions in what a task that still runs says by its executor's heartbeats. */
class VersionHeartbeatJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    val sc = spark.sparkContext
    val name = s"sightings of ${runtime.jobId}"
    val sightings = new Sightings
    sc.register(sightings, name)
    val said = new LinkedBlockingQueue[Any]
    val listener = new SparkListener {
      override def onExecutorMetricsUpdate(event: SparkListenerExecutorMetricsUpdate): Unit =
        for ((_, _, _, infos) <- event.accumUpdates; info <- infos if info.name.contains(name); it <- info.update)
          said.put(it)
    }
    sc.addSparkListener(listener)
    val work = sc.parallelize(Seq(1), 1).foreachAsync { _ =>
      sightings.add(Sighting(Version.number, "heartbeat"))
      Thread.sleep(600000)
    }
    try
      Map("heartbeat" -> (said.poll(60, TimeUnit.SECONDS) match {
        case seen: Vector[_] => seen.map { case Sighting(version, _) => version; case _ => -1 }
        case other => sys.error(s"The executor said $other")
      }))
    finally {
      work.cancel()
      sc.removeSparkListener(listener)
    }
  }
}

/** Only in `spark.kryo.classesToRegister`. */
case class Registered(version: Int)

/** For `spark.kryo.registrator`: what this version's serializer has read says so. */
class SightingRegistrator extends KryoRegistrator {
  override def registerClasses(kryo: Kryo): Unit = {
    kryo.register(classOf[Sighting], new SightingRegistrator.Marking)
    kryo.register(classOf[Array[Sighting]])
    kryo.register(classOf[Array[Registered]])
    ()
  }
}

object SightingRegistrator {
  private final class Marking extends Serializer[Sighting] {
    override def write(kryo: Kryo, out: Output, it: Sighting): Unit = {
      out.writeInt(it.version)
      out.writeString(it.of)
    }

    override def read(kryo: Kryo, in: Input, kind: Class[Sighting]): Sighting =
      Sighting(in.readInt(), s"${in.readString()}, read by ${Version.number}")
  }
}

/** Has Kryo write classes of the job's jar, which must be registered. */
class RegisteredJob extends VersionSessionJob {
  override def runJob(spark: SparkSession, runtime: JobEnvironment, config: Config): Any = {
    val numbers = spark.sparkContext.parallelize(1 to 4, 2)
    val shuffled = numbers.map(n => (n, Sighting(Version.number, "row"))).groupByKey(2).flatMap(_._2)
    val listed = numbers.map(n => (n, Registered(Version.number))).groupByKey(2).flatMap(_._2)
    shuffled.collect().toSeq.map(it => s"${it.version} ${it.of}").distinct ++
      listed.collect().toSeq.map(it => s"$it").distinct
  }
}

/** Reads rows that have the version of this code. */
class SightingsSource extends RelationProvider {
  override def createRelation(sqlContext: SQLContext, parameters: Map[String, String]): BaseRelation =
    new SightingsRelation(sqlContext)
}

private final class SightingsRelation(override val sqlContext: SQLContext) extends BaseRelation with TableScan {
  override def schema: StructType = new StructType().add("version", IntegerType)

  override def buildScan(): RDD[Row] = sqlContext.sparkContext.parallelize(1 to 4, 2).map(_ => Row(Version.number))
}
