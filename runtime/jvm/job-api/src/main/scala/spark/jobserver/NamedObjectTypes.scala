package spark.jobserver

import org.apache.spark.broadcast.Broadcast
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.DataFrame
import org.apache.spark.storage.StorageLevel

/**
 * An RDD to share.
 *
 * @param forceComputation whether to compute it when it is created, so that later jobs find it in the cache
 * @param storageLevel     the level with which to cache it, unless it is cached already
 */
case class NamedRDD[T](rdd: RDD[T], forceComputation: Boolean, storageLevel: StorageLevel) extends NamedObject

/** Caches RDDs. */
class RDDPersister[T] extends NamedObjectPersister[NamedRDD[T]] {

  /** @throws java.lang.IllegalArgumentException when `forceComputation` is true, but the level stores nothing */
  override def persist(namedObj: NamedRDD[T], name: String): Unit = {
    StoredBeforeComputed.check(namedObj.forceComputation, namedObj.storageLevel)
    val rdd = namedObj.rdd
    rdd.setName(name)
    if (rdd.getStorageLevel == StorageLevel.NONE) rdd.persist(namedObj.storageLevel)
    if (namedObj.forceComputation) rdd.count()
  }

  override def refresh(namedObject: NamedRDD[T]): NamedRDD[T] = {
    namedObject.rdd.persist(namedObject.rdd.getStorageLevel)
    namedObject
  }

  override def unpersist(namedObject: NamedRDD[T]): Unit = namedObject.rdd.unpersist(blocking = false)
}

/** A data frame to share; the parameters are those of [[NamedRDD]]. */
case class NamedDataFrame(df: DataFrame, forceComputation: Boolean, storageLevel: StorageLevel) extends NamedObject

/** Caches data frames. */
class DataFramePersister extends NamedObjectPersister[NamedDataFrame] {

  /** @throws java.lang.IllegalArgumentException when `forceComputation` is true, but the level stores nothing */
  override def persist(namedObj: NamedDataFrame, name: String): Unit = {
    StoredBeforeComputed.check(namedObj.forceComputation, namedObj.storageLevel)
    if (namedObj.df.storageLevel == StorageLevel.NONE) namedObj.df.persist(namedObj.storageLevel)
    if (namedObj.forceComputation) namedObj.df.count()
  }

  override def refresh(namedObject: NamedDataFrame): NamedDataFrame = namedObject

  override def unpersist(namedObject: NamedDataFrame): Unit = namedObject.df.unpersist(blocking = false)
}

/** A broadcast variable to share. */
case class NamedBroadcast[T](broadcast: Broadcast[T]) extends NamedObject

/** Frees broadcasts. Spark keeps them as soon as they are made, so there is nothing else to do. */
class BroadcastPersister[T] extends NamedObjectPersister[NamedBroadcast[T]] {

  override def persist(namedObj: NamedBroadcast[T], name: String): Unit = ()

  override def refresh(namedObject: NamedBroadcast[T]): NamedBroadcast[T] = namedObject

  override def unpersist(namedObject: NamedBroadcast[T]): Unit = namedObject.broadcast.unpersist(blocking = false)
}

private object StoredBeforeComputed {
  def check(forceComputation: Boolean, storageLevel: StorageLevel): Unit =
    require(
      !forceComputation || storageLevel != StorageLevel.NONE,
      "forceComputation implies storageLevel != NONE"
    )
}
