package spark.jobserver

import scala.concurrent.duration.FiniteDuration

import org.apache.spark.broadcast.Broadcast
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.DataFrame
import org.apache.spark.storage.StorageLevel

trait NamedObject

abstract class NamedObjectPersister[O <: NamedObject] {
  def persist(namedObj: O, name: String): Unit
  def refresh(namedObject: O): O
  def unpersist(namedObject: O): Unit
}

trait NamedObjects {
  def defaultTimeout: FiniteDuration
  def getOrElseCreate[O <: NamedObject](name: String, objGen: => O)(implicit
      timeout: FiniteDuration = defaultTimeout,
      persister: NamedObjectPersister[O]
  ): O
  def get[O <: NamedObject](name: String)(implicit timeout: FiniteDuration = defaultTimeout): Option[O]
  def update[O <: NamedObject](name: String, objGen: => O)(implicit
      timeout: FiniteDuration = defaultTimeout,
      persister: NamedObjectPersister[O]
  ): O
  def forget(name: String): Unit
  def destroy[O <: NamedObject](objOfType: O, name: String)(implicit persister: NamedObjectPersister[O]): Unit
  def getNames(): Iterable[String]
}

trait NamedObjectSupport

trait NamedRddSupport extends NamedObjectSupport { self: SparkJob =>
  trait _NamedRdds {
    def defaultTimeout: FiniteDuration
    val defaultStorageLevel: StorageLevel = StorageLevel.MEMORY_ONLY
    def getOrElseCreate[T](
        name: String,
        rddGen: => RDD[T],
        forceComputation: Boolean = true,
        storageLevel: StorageLevel = defaultStorageLevel
    )(implicit timeout: FiniteDuration = defaultTimeout): RDD[T]
    def get[T](name: String)(implicit timeout: FiniteDuration = defaultTimeout): Option[RDD[T]]
    def update[T](
        name: String,
        rddGen: => RDD[T],
        forceComputation: Boolean = true,
        storageLevel: StorageLevel = defaultStorageLevel
    )(implicit timeout: FiniteDuration = defaultTimeout): RDD[T]
    def destroy(name: String): Unit
    def getNames(): Iterable[String]
  }
  def namedRdds: _NamedRdds = ???
}

case class NamedRDD[T](rdd: RDD[T], forceComputation: Boolean, storageLevel: StorageLevel) extends NamedObject

class RDDPersister[T] extends NamedObjectPersister[NamedRDD[T]] {
  override def persist(namedObj: NamedRDD[T], name: String): Unit = ???
  override def refresh(namedObject: NamedRDD[T]): NamedRDD[T] = ???
  override def unpersist(namedObject: NamedRDD[T]): Unit = ???
}

case class NamedDataFrame(df: DataFrame, forceComputation: Boolean, storageLevel: StorageLevel) extends NamedObject

class DataFramePersister extends NamedObjectPersister[NamedDataFrame] {
  override def persist(namedObj: NamedDataFrame, name: String): Unit = ???
  override def refresh(namedObject: NamedDataFrame): NamedDataFrame = ???
  override def unpersist(namedObject: NamedDataFrame): Unit = ???
}

case class NamedBroadcast[T](broadcast: Broadcast[T]) extends NamedObject

class BroadcastPersister[T] extends NamedObjectPersister[NamedBroadcast[T]] {
  override def persist(namedObj: NamedBroadcast[T], name: String): Unit = ???
  override def refresh(namedObject: NamedBroadcast[T]): NamedBroadcast[T] = ???
  override def unpersist(namedObject: NamedBroadcast[T]): Unit = ???
}
